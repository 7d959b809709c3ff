// Made from openapi.yaml by "npm run openapi"; not for editing.

export interface paths {
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This document as JSON
         * @description OpenAPI 3.1, generated from the routes of this server.
         */
        get: operations["getOpenApiJson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.yaml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This document as YAML
         * @description The same document as `/openapi.json`, for tools and people that prefer YAML.
         */
        get: operations["getOpenApiYaml"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create an account and sign in
         * @description Creates an account with the role `user` and opens its first session. Where the server sends mails, the address gets a code that verifies it. The answer has both tokens, so you need not sign in afterwards. A username or an e-mail address can belong to one account only. With `EMAIL_VERIFICATION=required` the answer is 202 with a `challenge` instead: the code of the mail, sent to `POST /challenges/answer`, verifies the address and opens the session. That answer is the same for an address that somebody has, who gets a notice.
         */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dashboard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what a start page shows
         * @description A greeting, the account, and counts of its live sessions, its notes and its houses.
         */
        get: operations["getDashboard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with a username or an e-mail address
         * @description Opens a session and returns its tokens. Other sessions of the account continue. A wrong name and a wrong password get the same answer. Repeated wrong passwords lock the account for devices that have not signed in before. Where the server asks for verified addresses, the right password of an account without one is 401 `verification_required`, with the `challenge` that a mailed code answers. Where the account has a second factor, it is 401 `second_factor_required`, with the `challenge` that the factor answers.
         */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchange a refresh token for new tokens
         * @description Send the refresh token in the body, as `Authorization: Bearer`, or in the cookie. Replace it with the new one. A session rotates at most once in 30 seconds. Until then, the current and the previous token get the same answer (`replayed`). The previous token gets it later too, as long as nobody has used the new tokens, so parallel tabs and lost answers sign nobody out. Any other used token ends the session, since it may be stolen.
         */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/challenges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin to prove something
         * @description Returns a challenge: what has to be proved, and how. A purpose may ask for `login`, for a `provider`, or for an access token. The answer is the same whether there is such an account or not.
         */
        post: operations["beginChallenge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/challenges/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have the code mailed once more
         * @description Mails the same code again, where the challenge has one that is mailed. The earlier mails stay good.
         */
        post: operations["resendChallenge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/challenges/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Prove it
         * @description Answers a challenge with one of its methods. Five different guesses are allowed; `attemptsLeft` counts them. A right answer uses the challenge up. With an `Idempotency-Key`, a retry of the same request gets the same response.
         */
        post: operations["answerChallenge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/factors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your factors
         * @description Returns your authenticator app and your passkeys, and how many recovery codes are left. Add one with `add_totp` or `add_passkey` at `POST /challenges`.
         */
        get: operations["listFactors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/factors/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a factor
         * @description Removes it at once. Your other sessions end. With the last one the recovery codes go, too, and a sign-in needs the password only. It needs a recent proof.
         */
        delete: operations["removeFactor"];
        options?: never;
        head?: never;
        /**
         * Rename a factor
         * @description Changes what you call it. `null` takes the name away.
         */
        patch: operations["renameFactor"];
        trace?: never;
    };
    "/factors/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make new recovery codes
         * @description Returns ten new codes; all older ones are dead. Your other sessions end. It needs a recent proof, and a factor. With an `Idempotency-Key`, a retry within ten minutes returns the same codes, unless the account has changed again.
         */
        post: operations["makeRecoveryCodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your identities
         * @description Returns your accounts at outside providers that sign you in here. Add one with `add_identity` at `POST /challenges`.
         */
        get: operations["listIdentities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/identities/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove an identity
         * @description The provider does not sign you in to this account any more, unless it has verified the address of the account: then its next sign-in links them again. Your other sessions end. It needs a recent proof, and another way to sign in: a password, a passkey or another provider.
         */
        delete: operations["removeIdentity"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what happened to your account, newest first
         * @description Sign-ins, failed ones, and changes of your account, for as long as the server keeps them (400 days by default). Many failures of one kind in a day share an entry, which says how many they are and comes some minutes later.
         */
        get: operations["listActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get everything that is held about you
         * @description Returns one JSON document, as a file to download. It has no password, hash, key or code. It needs a recent proof of identity (`POST /challenges`). Files of photos are not in it; `GET /houses/{id}/photos/{photoId}` has them.
         */
        get: operations["exportMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/webauthn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read where passkeys may be used
         * @description For browsers, which ask the domain that passkeys belong to (RP ID) before a page of another domain uses them (WebAuthn 3, related origins). They ask at port 443 of that domain.
         */
        get: operations["getRelatedOrigins"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check an access token, for gateways and other services
         * @description Says who makes a request, from the token alone: it reads no database and changes nothing. Gateways call it before they forward a request, and read the two headers: nginx (`auth_request`), Traefik (ForwardAuth), Caddy (`forward_auth`), Envoy (`ext_authz`). `/verify` and every path below it give the same answer to every method, and ignore the query and the body. Bad tokens have a rate limit, which never affects genuine ones.
         */
        get: operations["verifyToken"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your live sessions, last used first
         * @description One entry for each device or browser that is signed in. Ended sessions are not listed.
         */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        /**
         * End all your sessions but this one
         * @description Signs out every other device of your account. The server refuses their tokens immediately, every other server within 2 seconds. The session of this request continues.
         */
        delete: operations["revokeOtherSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End one of your sessions
         * @description Signs one device out. The server refuses its tokens immediately, every other server within 2 seconds. You may also end the session of this request.
         */
        delete: operations["revokeSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your notes, by cursor
         * @description The newest come first. The answer is equally fast at any depth, and notes that others create or delete in the meantime shift nothing.
         */
        get: operations["listNotes"];
        put?: never;
        /**
         * Create a note of your own
         * @description Creates a note with version 1 that belongs to you. With an `Idempotency-Key`, a retry gets the first answer again and creates no second note. A user may have at most 10,000 notes.
         */
        post: operations["createNote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a note
         * @description Nobody but its owner can read a note: to all others it is `not_found`. Send the ETag that you have in `If-None-Match`: a note that has not changed is answered with 304 and no body.
         */
        get: operations["getNote"];
        /**
         * Replace a note that you own
         * @description Replaces all the fields and increases the version by one. A body or tags that you leave out become empty. With `If-Match`, nothing changes unless the note still has the version that you read.
         */
        put: operations["replaceNote"];
        post?: never;
        /**
         * Delete a note that you own
         * @description Permanently deletes the note. With `If-Match`, nothing is deleted unless the note still has the version that you read.
         */
        delete: operations["deleteNote"];
        options?: never;
        head?: never;
        /**
         * Change some fields of a note that you own
         * @description Changes the fields that you send and no others, and increases the version by one. With `If-Match`, nothing changes unless the note still has the version that you read.
         */
        patch: operations["updateNote"];
        trace?: never;
    };
    "/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the outside providers
         * @description Returns the providers that sign people in here. Begin with `sign_in` or `add_identity` at `POST /challenges`.
         */
        get: operations["listProviders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oidc/{provider}/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Come back from a provider
         * @description Providers send browsers here. The answer sends them on to the `returnTo` of the request that began, with `#challenge=…` to be answered within 5 minutes by `method: "oidc"`, or with `#error=…`: `access_denied`, `challenge_over` or `provider_unavailable`.
         */
        get: operations["returnFromProvider"];
        put?: never;
        /**
         * Come back from a provider that sends a form
         * @description Providers send browsers here. The answer sends them on to the `returnTo` of the request that began, with `#challenge=…` to be answered within 5 minutes by `method: "oidc"`, or with `#error=…`: `access_denied`, `challenge_over` or `provider_unavailable`.
         */
        post: operations["returnFromProviderByForm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List and search accounts, by cursor
         * @description Without a filter the answer is equally fast at any depth, and accounts that come and go shift nothing. An id or a whole address in `q` is found by an index. Any other text, and a status, scan the accounts in slices; a request that needs more than 5 seconds is refused with `overloaded`. Accounts that are being deleted are not listed.
         */
        get: operations["listUsers"];
        put?: never;
        /**
         * Create an account, or invite somebody
         * @description Works with any value of `REGISTRATION`, and opens no session. Without `password` the owner gets a mail with a link and a code (`accept_invite`) and chooses one within 7 days; an account that nobody accepts until then is deleted. With `password` the address is not verified.
         */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an account
         * @description Never shows a password hash, a token or a secret.
         */
        get: operations["getUser"];
        put?: never;
        post?: never;
        /**
         * Delete an account and everything that belongs to it
         * @description Its sessions end, its names are free again, and the owner gets a mail. With `If-Match`, nothing is deleted unless the account still has the version that you read. Administrators delete their own account at `DELETE /me`: here it is 403.
         */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /**
         * Change an account
         * @description Changes the fields that you send and no others, all at once. A role holds as soon as the tokens of the owner are refreshed, within 2 seconds. Another address holds at once; a verified old one gets a notice that can undo the change. With `If-Match`, nothing changes unless the account still has the version that you read. Nobody changes a role of their own, and the last administrator stays one.
         */
        patch: operations["updateUser"];
        trace?: never;
    };
    "/admin/users/{id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the live sessions of an account, last used first
         * @description As its owner sees them; `current` marks the session of this request.
         */
        get: operations["listSessionsOfUser"];
        put?: never;
        post?: never;
        /**
         * End all sessions of an account
         * @description Signs it out everywhere, within 2 seconds; its owner may sign in again.
         */
        delete: operations["endSessionsOfUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/sessions/{sid}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End one session of an account
         * @description Signs one device out, within 2 seconds.
         */
        delete: operations["endSessionOfUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/lockout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Let unknown devices sign in again
         * @description Forgets the failures that have locked the account for unknown devices.
         */
        delete: operations["unlockUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/factors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Take away all second factors of an account
         * @description For somebody who has lost them and whom you know: apps, passkeys and recovery codes go, all sessions end, and the owner gets a mail. The password alone signs in. An account without factors stays as it is, and its owner gets no mail.
         */
        delete: operations["removeFactorsOfUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the outside providers that sign in to an account
         * @description As its owner sees them, with issuer and subject, which tell two of them apart.
         */
        get: operations["listIdentitiesOfUser"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/identities/{identityId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove an identity of an account
         * @description The provider does not sign in to this account any more, unless it has verified the address of the account: then its next sign-in links them again. All sessions end, and the owner gets a mail. It may be the last way in: the owner gets in again by `reset_password`. 409 where no administrator could sign in any more.
         */
        delete: operations["removeIdentityOfUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/reset-mail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Mail the owner a code for a new password
         * @description Sends what `reset_password` sends, past its limits; to an account whose owner has accepted no invitation yet another one, good for 7 days. 404 for a disabled account, and where the server sends no mails.
         */
        post: operations["sendResetMail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List security events, newest first
         * @description The audit log: who did what, and when. An entry appears some moments after its event. `AUDIT_RETENTION` says how long entries are kept.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read figures of the whole service
         * @description Counts of accounts, sessions, sign-ins and waiting mails. The server counts at most once in 30 seconds; `at` says when.
         */
        get: operations["getSummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The page for administrators
         * @description A static page for a browser, in the language of `Accept-Language`. It signs in with cookie transport and shows what the operations below `/admin/` answer. `ADMIN_PAGE=off` leaves it out.
         */
        get: operations["getAdminPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/houses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List houses, by pages or by cursor
         * @description With `cursor` (empty to start), the answer has `nextCursor` and no totals, and is equally fast at any depth. A house that exists the whole time appears exactly once, even if others are created or deleted in the meantime. A house whose sort value changes in the meantime moves to its new position; `createdAt` never changes.
         *
         *     Without `cursor`, the answer is one page with totals. Its Link header (RFC 8288) leads to the other pages. The further back a page is, the slower it is.
         *
         *     The text filters scan all houses, so they get slower as there are more. A request that needs more than 5 seconds is refused with `overloaded`. Texts are sorted by code point, equal texts by age.
         */
        get: operations["listHouses"];
        put?: never;
        /**
         * Create a house of your own
         * @description Creates a house with version 1 that belongs to you. With an `Idempotency-Key`, a retry gets the first answer again and creates no second house. A user may have at most 10,000 houses, unless the server is configured otherwise (`HOUSES_PER_USER`).
         */
        post: operations["createHouse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/houses/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a house
         * @description Every signed-in user may read every house. Send the ETag that you have in `If-None-Match`: a house that has not changed is answered with 304 and no body.
         */
        get: operations["getHouse"];
        /**
         * Replace a house that you own
         * @description Replaces all the fields and increases the version by one. An address that you leave out becomes null. With `If-Match`, nothing changes unless the house still has the version that you read. Admins may replace the houses of others.
         */
        put: operations["replaceHouse"];
        post?: never;
        /**
         * Delete a house that you own
         * @description Permanently deletes the house. With `If-Match`, nothing is deleted unless the house still has the version that you read. Its photos go with it, and its project number is free again. Admins may delete the houses of others.
         */
        delete: operations["deleteHouse"];
        options?: never;
        head?: never;
        /**
         * Change some fields of a house that you own
         * @description Changes the fields that you send and no others, and increases the version by one. With `If-Match`, nothing changes unless the house still has the version that you read. Admins may change the houses of others.
         */
        patch: operations["updateHouse"];
        trace?: never;
    };
    "/houses/{id}/photos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the photos of a house, oldest first
         * @description Every signed-in user may read them. Each entry has the URL of its image in `url`.
         */
        get: operations["listPhotos"];
        put?: never;
        /**
         * Add a photo to a house that you own
         * @description The form must have one part, `file`. Its content decides the format; its name and its type are ignored. The server re-encodes the image in the same format, upright and in sRGB, and removes all metadata, locations included. An animated image gets 415. The photos of all houses of one user may have at most 200 MiB together, unless the server is configured otherwise; a photo counts for the owner of its house. Two photos of one user may wait for the decoder; one more gets 429. A body that is slower than 4 KiB a second for 5 seconds gets 408. A house may have at most 20 photos.
         */
        post: operations["addPhoto"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/houses/{id}/photos/{photoId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the image of a photo
         * @description Returns the bytes of the image. They never change, so a request with the ETag in `If-None-Match` always gets 304 and no body. This operation also needs the access token: load the image with `fetch`, not with `<img src>`.
         */
        get: operations["getPhoto"];
        put?: never;
        post?: never;
        /**
         * Delete a photo of a house that you own
         * @description Permanently deletes the photo and its image. Admins may delete the photos of others.
         */
        delete: operations["deletePhoto"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the public keys that verify access tokens
         * @description With these keys, any service can verify access tokens itself, without a secret and without a request to this server. Use the key whose `kid` is in the header of the token. If there is none, fetch the keys again, since keys change.
         */
        get: operations["getJwks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/openid-configuration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the same metadata where OpenID Connect looks for it
         * @description The same as `/.well-known/oauth-authorization-server`, for libraries that look here first. Latchkey is not an OpenID provider: it issues no ID tokens.
         */
        get: operations["getOpenIdMetadata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/oauth-authorization-server": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the metadata of the authorization server
         * @description For services that know only the issuer (RFC 8414): the URL of the keys, and the algorithm of the tokens. Latchkey is not an OAuth 2 server: there is no authorization endpoint.
         */
        get: operations["getOAuthMetadata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/problems": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All the errors that the server answers with
         * @description The error table, as JSON, or as a page for people if `Accept` asks for HTML. Its texts are in the language of `Accept-Language`.
         */
        get: operations["listProblems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/problems/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What an error means
         * @description Explains one error, as JSON, or as a page for people if `Accept` asks for HTML. The `type` of every error is this URL.
         */
        get: operations["getProblem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/outbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The mails of a server in development
         * @description What the server would have mailed, newest first, as JSON for tests, or as a page for people if `Accept` asks for HTML. Only outside production and without `SMTP_URL`, and only for requests from the same machine to `localhost`; everybody else gets 404.
         */
        get: operations["getOutbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The page that mailed links lead to
         * @description A static page, in the language of `Accept-Language`. It reads the fragment of a mailed link (`#purpose=…&challenge=…&code=…`) and answers the challenge when its button is pressed, never before. An application can take its place with `MAIL_LINKS`.
         */
        get: operations["getMailPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/client.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The client, as an ES module
         * @description The package `@latchkey/client`, for pages without a build step: `import { createLatchkey }` from this URL. Without `baseUrl` it uses this server. Pages of every origin may load it.
         */
        get: operations["getClient"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/client/passkeys.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Passkeys for the client, as an ES module
         * @description Another entry of the package, `@latchkey/client/passkeys`: its functions get the client of `/client.js`. Pages of every origin may load it.
         */
        get: operations["getPasskeysClient"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/client/providers.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Providers for the client, as an ES module
         * @description Another entry of the package, `@latchkey/client/providers`: its functions get the client of `/client.js`. Pages of every origin may load it.
         */
        get: operations["getProvidersClient"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the process answers
         * @description Checks the process only. An orchestrator restarts a server that does not answer.
         */
        get: operations["getLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the server and its dependencies are ready
         * @description Checks the database and everything else that requests need. A load balancer sends requests to a server that answers 200; `degraded` is also 200. A 503 has the same body and names the failed dependency. A server that is stopping also answers 503.
         */
        get: operations["getReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change your password and end your other sessions
         * @description Changes your password, ends all your other sessions, and gives this session new tokens: store both. Its older tokens stop working immediately. An account without a password gets its first one: instead of `currentPassword` it needs a recent proof. In cookie transport, the request needs an allowed `Origin`, since the new refresh token is in the cookie. With an `Idempotency-Key`, a retry with the token of before gets the same new tokens, until the session is refreshed.
         */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End the session
         * @description Ends the session of an access token or a refresh token, even if the token has expired. You may send the refresh token in the body, as `Authorization: Bearer`, or in the cookie. From now on the server refuses all tokens of the session. A bad or missing token is not an error: there is nothing to end, and the answer is the same. The body is read as JSON or as a form; its Content-Type is ignored. Other fields, and a body over 64 KiB, are ignored.
         */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read your account
         * @description Returns the account that the access token belongs to.
         */
        get: operations["getMe"];
        put?: never;
        post?: never;
        /**
         * Delete your account and everything that belongs to it
         * @description Permanently deletes your account, with its sessions, houses and photos. An account without a password needs a recent proof instead of `currentPassword`. From now on the server refuses all its tokens. The username and the e-mail address are free again. If there are thousands of houses, the last of them disappear some time after the answer.
         */
        delete: operations["deleteMe"];
        options?: never;
        head?: never;
        /**
         * Change your name, language, e-mail address or username
         * @description Changes the fields that you send and no others. `"name": null` removes the name, and `"locale": null` the language. A new e-mail address or username needs `currentPassword`, or a recent proof where the account has no password. A change of case, or of the spelling of the domain, does not need it. A new address is not verified. Where the server sends mails, it gets a code, and one that is to replace a verified address is in `pendingEmail` until it is confirmed; the present address in `email` ends such a change. Sessions continue.
         */
        patch: operations["updateMe"];
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An event of the account, as its owner sees it. */
        ActivityEvent: {
            /**
             * @description Id of the event.
             * @example 01a1f866-0d2a-7b1c-8e5f-4a6b0c52d9e7
             */
            id: string;
            /**
             * Format: date-time
             * @description When it happened.
             * @example 2026-11-20T10:00:00.000Z
             */
            at: string;
            /**
             * @description What happened, for programs. New types may come.
             * @example signed_in
             */
            type: string;
            /**
             * @description What happened, for people. The text may change.
             * @example You signed in.
             */
            message: string;
            /**
             * @description The IP address that it came from; null where an administrator acted.
             * @example 192.0.2.17
             */
            ip: string | null;
            /**
             * @description The `User-Agent` of the client.
             * @example Firefox/145.0
             */
            userAgent: string | null;
            /**
             * @description The session that it belongs to.
             * @example 01a1f866-0d00-7c90-9f02-1e8a4b6d3c57
             */
            sessionId: string | null;
            /**
             * @description Whether that is the session of this request.
             * @example true
             */
            current: boolean;
        };
        /** @description Events of the account, newest first. */
        ActivityList: {
            /** @description The events. */
            items: components["schemas"]["ActivityEvent"][];
            /**
             * @description Send it as `cursor` to get more. Null at the end of the list.
             * @example v1.5KUnJcN2x1f0S3bXqk5m2w
             */
            nextCursor: string | null;
        };
        /** @description A new factor; the first one brings recovery codes. */
        AddedFactor: {
            /**
             * @description Names it in `/factors/:id`.
             * @example 01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c
             */
            id: string;
            /**
             * @description `totp`: codes of an authenticator app (RFC 6238). `passkey`: WebAuthn.
             * @example totp
             * @enum {string}
             */
            kind: "totp" | "passkey";
            /**
             * @description What you call it, such as the device that it is on.
             * @example Phone
             */
            name: string | null;
            /**
             * Format: date-time
             * @description When it was added.
             * @example 2026-11-20T10:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it was last used.
             * @example 2026-11-21T08:30:00.000Z
             */
            lastUsedAt: string | null;
            /**
             * @description Whether it can be used here: a passkey of an earlier domain cannot.
             * @example true
             */
            usable: boolean;
            /**
             * @description Whether the passkey is kept on several devices.
             * @example false
             */
            backedUp: boolean;
            /**
             * @description The id of the passkey in WebAuthn, for `PublicKeyCredential.signalAllAcceptedCredentials`.
             * @example q83vEjRWeJCrze8SNFZ4kA
             */
            credentialId?: string;
            /**
             * @description The domain that the passkey belongs to.
             * @example example.com
             */
            rpId?: string;
            /** @description All ten recovery codes. They are shown now and never again: keep them safe. */
            recoveryCodes?: string[];
        };
        /** @description An entry of the audit log. */
        AdminEvent: {
            /**
             * @description Id of the event.
             * @example 01a1f866-0d00-7c90-9f02-1e8a4b6d3c57
             */
            id: string;
            /**
             * Format: date-time
             * @description When it happened.
             * @example 2026-11-20T10:00:00.000Z
             */
            at: string;
            /**
             * @description What happened.
             * @example role_changed
             */
            type: string;
            /**
             * @description Id of the account.
             * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
             */
            userId: string | null;
            /**
             * @description The present username of the account; null once it is deleted.
             * @example lyshark
             */
            username: string | null;
            /**
             * @description Who did it, where it was somebody else.
             * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
             */
            actorId: string | null;
            /**
             * @description The present username of who did it.
             * @example ada
             */
            actorUsername: string | null;
            /**
             * @description Id of the session.
             * @example 01a1f866-0d00-7c90-9f02-1e8a4b6d3c57
             */
            sessionId: string | null;
            /**
             * @description Where it came from.
             * @example 192.0.2.17
             */
            ip: string | null;
            /**
             * @description The `User-Agent` of the client.
             * @example Firefox/145.0
             */
            userAgent: string | null;
            /**
             * @description The request, as its `X-Request-Id` names it.
             * @example null
             */
            requestId: string | null;
            /**
             * @description A short fact.
             * @example admin
             */
            detail: string | null;
            /**
             * @description How many events of one day the entry tells of.
             * @example 1
             */
            count: number;
        };
        /** @description A part of the audit log. */
        AdminEventList: {
            /** @description The events. */
            items: components["schemas"]["AdminEvent"][];
            /**
             * @description Send it as `cursor` to get more. Null at the end of the list.
             * @example v1.5KUnJcN2x1f0S3bXqk5m2w
             */
            nextCursor: string | null;
        };
        /** @description An identity, as administrators see it. */
        AdminIdentity: {
            /**
             * @description Names it in `/identities/:id`.
             * @example 01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c
             */
            id: string;
            /**
             * @description As the server names the provider.
             * @example google
             */
            provider: string;
            /**
             * @description The address that the provider has named last, for people.
             * @example lyshark@example.com
             */
            email: string | null;
            /**
             * Format: date-time
             * @description When it was added.
             * @example 2026-11-20T10:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description The last sign-in with it.
             * @example 2026-11-21T08:30:00.000Z
             */
            lastUsedAt: string | null;
            /**
             * @description The address of the provider, as its tokens name it.
             * @example https://accounts.google.com
             */
            issuer: string;
            /**
             * @description What the provider calls the person. No other account there has it.
             * @example 110169484474386276334
             */
            subject: string;
        };
        AdminIdentityList: {
            /** @description Oldest first. */
            items: components["schemas"]["AdminIdentity"][];
        };
        /** @description Figures of the whole service. */
        AdminSummary: {
            /**
             * Format: date-time
             * @description When the figures were counted.
             * @example 2026-11-20T10:00:00.000Z
             */
            at: string;
            /** @description How many accounts there are. */
            users: {
                /**
                 * @description Accounts, without those that are being deleted.
                 * @example 1024
                 */
                total: number;
                /**
                 * @description Accounts that cannot sign in.
                 * @example 3
                 */
                disabled: number;
                /**
                 * @description Enabled accounts whose address is not verified.
                 * @example 40
                 */
                unverified: number;
                /**
                 * @description Enabled administrators.
                 * @example 2
                 */
                admins: number;
            };
            /** @description How many sessions there are. */
            sessions: {
                /**
                 * @description Live sessions of everybody.
                 * @example 830
                 */
                live: number;
            };
            /** @description What the audit log has of the last 24 hours. */
            last24Hours: {
                /**
                 * @description Sign-ins with a password or a mailed code.
                 * @example 12
                 */
                signIns: number;
                /**
                 * @description Wrong passwords and wrong codes.
                 * @example 3
                 */
                failures: number;
                /** @description By the hour, oldest first. */
                hours: {
                    /**
                     * Format: date-time
                     * @description When the hour began.
                     * @example 2026-11-20T09:00:00.000Z
                     */
                    at: string;
                    /**
                     * @description Sign-ins with a password or a mailed code.
                     * @example 12
                     */
                    signIns: number;
                    /**
                     * @description Wrong passwords and wrong codes.
                     * @example 3
                     */
                    failures: number;
                }[];
            };
            /**
             * @description Since when this server has not looked for ended sessions.
             * @example 0.4
             */
            revocationLagSeconds: number;
            /** @description The outbox. */
            mail: {
                /**
                 * @description Whether the server sends mails.
                 * @example true
                 */
                isOn: boolean;
                /**
                 * @description Mails that wait to be sent.
                 * @example 0
                 */
                waiting: number;
                /**
                 * @description How long the oldest of them has waited.
                 * @example 0
                 */
                oldestSeconds: number;
            };
        };
        /** @description An account, as administrators see it. */
        AdminUser: {
            /**
             * @description Id of the account.
             * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
             */
            id: string;
            /**
             * @description Letters, digits, `_`, `.` and `-`. Unique; upper and lower case count as equal. The server removes white space around it.
             * @example lyshark
             */
            username: string;
            /**
             * @description The e-mail address as it was typed.
             * @example lyshark@example.com
             */
            email: string;
            /**
             * @description Any name, in any script.
             * @example Ly Shark
             */
            name: string | null;
            /**
             * @description The language of mails to the account, a tag such as `zh-CN`; `null` where none was chosen, and mails are in that of the request that causes them.
             * @example null
             */
            locale: string | null;
            /**
             * @description An `admin` may change what belongs to others.
             * @example user
             * @enum {string}
             */
            role: "user" | "admin";
            /**
             * @description Whether the owner has confirmed the e-mail address.
             * @example false
             */
            emailVerified: boolean;
            /**
             * @description The address that takes the place of `email` once its owner confirms it; `null` where none was asked for.
             * @example null
             */
            pendingEmail: string | null;
            /**
             * @description Whether a sign-in with the password needs a second factor.
             * @example false
             */
            secondFactor: boolean;
            /**
             * Format: date-time
             * @description When the account was created.
             * @example 2026-11-20T09:58:12.345Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description Since when nobody can sign in to it.
             * @example null
             */
            disabledAt: string | null;
            /**
             * Format: date-time
             * @description Until when unknown devices cannot sign in, after too many failures.
             * @example null
             */
            lockedUntil: string | null;
            /**
             * Format: date-time
             * @description The last sign-in.
             * @example 2026-11-20T10:00:00.000Z
             */
            lastSignInAt: string | null;
            /**
             * @description False where only an outside provider signs in, or an invitation waits.
             * @example true
             */
            hasPassword: boolean;
            /**
             * @description Accounts of outside providers that sign in to it.
             * @example 0
             */
            identities: number;
            /**
             * @description Increases with each change. The ETag names it; send it as `If-Match`.
             * @example 1
             */
            version: number;
        };
        /** @description A new account. */
        AdminUserInput: {
            /**
             * @description Letters, digits, `_`, `.` and `-`. Unique; upper and lower case count as equal. The server removes white space around it.
             * @example lyshark
             */
            username: string;
            /**
             * Format: idn-email
             * @description A deliverable address: an ASCII name part without quotes (at most 64 characters), and a domain of at least two labels, in either spelling (UTS 46: `münchen.de` and `xn--mnchen-3ya.de` are the same). Unique; case and the spelling of the domain make no difference. The server stores and shows it as typed, without white space around it.
             * @example lyshark@example.com
             */
            email: string;
            /**
             * @description Any name, in any script.
             * @example Ly Shark
             */
            name?: string;
            /**
             * @description An `admin` looks after all accounts, and may change what belongs to others.
             * @example user
             * @enum {string}
             */
            role?: "user" | "admin";
            /**
             * Format: password
             * @description As at `POST /register`. Leave it out to invite the owner by mail, who chooses one.
             * @example correct horse battery staple
             */
            password?: string;
        };
        /** @description A part of the list. */
        AdminUserList: {
            /** @description The accounts. */
            items: components["schemas"]["AdminUser"][];
            /**
             * @description Send it as `cursor` to get more. Null at the end of the list.
             * @example v1.5KUnJcN2x1f0S3bXqk5m2w
             */
            nextCursor: string | null;
        };
        /** @description Fields that you leave out do not change. Read-only fields are ignored. */
        AdminUserPatch: {
            /**
             * @description An `admin` looks after all accounts, and may change what belongs to others.
             * @example user
             * @enum {string}
             */
            role?: "user" | "admin";
            /**
             * @description True ends all sessions, and nobody can sign in; false takes that back.
             * @example false
             */
            disabled?: boolean;
            /**
             * @description Any name, in any script.
             * @example Ly Shark
             */
            name?: string | null;
            /**
             * Format: idn-email
             * @description A deliverable address: an ASCII name part without quotes (at most 64 characters), and a domain of at least two labels, in either spelling (UTS 46: `münchen.de` and `xn--mnchen-3ya.de` are the same). Unique; case and the spelling of the domain make no difference. The server stores and shows it as typed, without white space around it.
             * @example lyshark@example.com
             */
            email?: string;
            /**
             * @description Whether the address counts as confirmed. Another address does not, unless this says so.
             * @example true
             */
            emailVerified?: boolean;
            /**
             * @description Id of the account.
             * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
             */
            readonly id?: string;
            /**
             * @description Letters, digits, `_`, `.` and `-`. Unique; upper and lower case count as equal. The server removes white space around it.
             * @example lyshark
             */
            readonly username?: string;
            /**
             * @description The language of mails to the account, a tag such as `zh-CN`; `null` where none was chosen, and mails are in that of the request that causes them.
             * @example null
             */
            readonly locale?: string | null;
            /**
             * @description The address that takes the place of `email` once its owner confirms it; `null` where none was asked for.
             * @example null
             */
            readonly pendingEmail?: string | null;
            /**
             * @description Whether a sign-in with the password needs a second factor.
             * @example false
             */
            readonly secondFactor?: boolean;
            /**
             * Format: date-time
             * @description When the account was created.
             * @example 2026-11-20T09:58:12.345Z
             */
            readonly createdAt?: string;
            /**
             * Format: date-time
             * @description Since when nobody can sign in to it.
             * @example null
             */
            readonly disabledAt?: string | null;
            /**
             * Format: date-time
             * @description Until when unknown devices cannot sign in, after too many failures.
             * @example null
             */
            readonly lockedUntil?: string | null;
            /**
             * Format: date-time
             * @description The last sign-in.
             * @example 2026-11-20T10:00:00.000Z
             */
            readonly lastSignInAt?: string | null;
            /**
             * @description False where only an outside provider signs in, or an invitation waits.
             * @example true
             */
            readonly hasPassword?: boolean;
            /**
             * @description Accounts of outside providers that sign in to it.
             * @example 0
             */
            readonly identities?: number;
            /**
             * @description Increases with each change. The ETag names it; send it as `If-Match`.
             * @example 1
             */
            readonly version?: number;
        };
        /** @description What has to be proved, and how. */
        Challenge: {
            /**
             * @description Send it back with the answer. Nobody but the server can read it.
             * @example q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ
             */
            token: string;
            /**
             * @description What the proof is for.
             * @example verify_email
             */
            purpose: string;
            /** @description The ways to answer: one of them is enough. */
            methods: ("passkey" | "totp" | "recovery_code" | "mail_code" | "password" | "oidc")[];
            /**
             * @description Seconds until it expires.
             * @example 86400
             */
            expiresIn: number;
            /** @description Where `methods` has `passkey`: give it to `navigator.credentials` (WebAuthn 3), through `parseRequestOptionsFromJSON`, or `parseCreationOptionsFromJSON` for `add_passkey`. */
            passkey?: {
                [key: string]: unknown;
            };
            /** @description What an authenticator app takes, for `add_totp`. */
            totp?: {
                /**
                 * @description The secret in Base32, to be typed into an app by hand. It is shown once.
                 * @example JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
                 */
                secret: string;
                /**
                 * @description The same for a QR code, which the page draws.
                 * @example otpauth://totp/localhost:lyshark?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
                 */
                uri: string;
            };
        };
        ChallengeAnswer: {
            /**
             * @description The `token` of the challenge.
             * @example q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ
             */
            challenge: string;
            /**
             * @description How you prove it.
             * @example passkey
             * @enum {string}
             */
            method: "passkey" | "totp" | "recovery_code" | "mail_code" | "password" | "oidc";
            /**
             * @description The code, with or without spaces and hyphens.
             * @example 1234 5678
             */
            code?: string;
            /**
             * Format: password
             * @description The password. Spaces of every kind count as U+0020.
             * @example correct horse battery staple
             */
            password?: string;
            /**
             * @description What `codeChallenge` was made from (RFC 7636).
             * @example dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
             */
            codeVerifier?: string;
            /**
             * @description What `navigator.credentials` has returned, as its `toJSON()` gives it (WebAuthn 3).
             * @example {
             *       "id": "q83vEjRWeJCrze8SNFZ4kA",
             *       "rawId": "q83vEjRWeJCrze8SNFZ4kA",
             *       "type": "public-key",
             *       "response": {
             *         "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0",
             *         "authenticatorData": "SZYN5YgOjGh0"
             *       },
             *       "clientExtensionResults": {}
             *     }
             */
            credential?: {
                [key: string]: unknown;
            };
            /**
             * Format: password
             * @description 8 to 128 characters after Unicode normalization (NFC). Spaces of every kind count as U+0020. It must not be a common password, and must not contain the username or the name part of the e-mail address.
             * @example a quite different sentence
             */
            newPassword?: string;
            /**
             * @description What you call it, such as the device that it is on.
             * @example Phone
             */
            name?: string;
            /**
             * @description Whether this browser may leave out the second factor at the next sign-ins.
             * @example false
             */
            trustDevice?: boolean;
            /**
             * @description Of a new account; without it the server makes one.
             * @example lyshark
             */
            username?: string;
            /**
             * Format: password
             * @description The new password again. Both must be the same.
             * @example a quite different sentence
             */
            newPasswordConfirm?: string;
        };
        ChallengeResend: {
            /**
             * @description The `token` of the challenge.
             * @example q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ
             */
            challenge: string;
        };
        ChallengeStart: {
            /**
             * @description What the proof is for.
             * @example sign_in
             * @enum {string}
             */
            purpose: "sign_in" | "verify_email" | "add_totp" | "add_passkey" | "reset_password" | "add_identity";
            /**
             * @description The username or the e-mail address of the account, for a purpose that asks for it. The answer is the same whether there is such an account or not.
             * @example lyshark@example.com
             */
            login?: string;
            /**
             * @description How the refresh token is sent: `body` for apps, servers and command lines, `cookie` for browsers.
             * @example body
             * @enum {string}
             */
            transport?: "body" | "cookie";
            /**
             * @description One of `GET /providers`, which is to prove it. The answer is then where the browser has to go.
             * @example google
             */
            provider?: string;
            /**
             * @description PKCE (RFC 7636, S256) between your client and this server: the SHA-256 digest, in base64url, of a `codeVerifier` that you make for each sign-in and keep.
             * @example E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM
             */
            codeChallenge?: string;
            /**
             * @description Where the browser goes behind the provider: one of `RETURN_URLS`, or a loopback address with any port. `#challenge=…` or `#error=…` is added.
             * @example http://localhost:5173/
             */
            returnTo?: string;
        };
        /** @description The state of one dependency. */
        CheckResult: {
            /**
             * @description `degraded`: it works, but something that it should have is missing.
             * @example ok
             * @enum {string}
             */
            status: "ok" | "degraded" | "failed";
            /** @description What is wrong, for operators. */
            detail?: string;
        };
        CodeSent: {
            /**
             * @description For people, not for programs.
             * @example If there is such an account, the code is on its way again.
             */
            message: string;
        };
        Confirmation: {
            /**
             * Format: password
             * @description The password of your account, to confirm this step. Required unless the account has no password.
             * @example the password of an account to delete
             */
            currentPassword?: string;
        };
        Credentials: {
            /**
             * @description The username or the e-mail address. Upper and lower case count as equal. The server removes white space around it.
             * @example lyshark
             */
            username?: string;
            /**
             * @description The e-mail address, instead of `username`. One of the two is required.
             * @example lyshark@example.com
             */
            email?: string;
            /**
             * Format: password
             * @description The password. Spaces of every kind count as U+0020.
             * @example correct horse battery staple
             */
            password: string;
            /**
             * @description How the refresh token is sent: `body` for apps, servers and command lines, `cookie` for browsers.
             * @example body
             * @enum {string}
             */
            transport?: "body" | "cookie";
        };
        /**
         * @description The same fields as in JSON. An empty optional field counts as absent.
         * @example {
         *       "username": "lyshark",
         *       "email": "lyshark@example.com",
         *       "password": "correct horse battery staple",
         *       "transport": "body"
         *     }
         */
        CredentialsForm: {
            /**
             * @description The username or the e-mail address. Upper and lower case count as equal. The server removes white space around it.
             * @example lyshark
             */
            username?: string;
            /**
             * @description The e-mail address, instead of `username`. One of the two is required.
             * @example lyshark@example.com
             */
            email?: string;
            /**
             * Format: password
             * @description The password. Spaces of every kind count as U+0020.
             * @example correct horse battery staple
             */
            password: string;
            /**
             * @description How the refresh token is sent: `body` for apps, servers and command lines, `cookie` for browsers.
             * @example body
             * @enum {string}
             */
            transport?: "body" | "cookie";
            /**
             * @description Sent by OAuth 2 clients; may be absent.
             * @enum {string}
             */
            grant_type?: "password";
            /** @description Sent by OAuth 2 clients; ignored. */
            client_id?: string;
            /** @description Sent by OAuth 2 clients; ignored. */
            client_secret?: string;
            /** @description Sent by OAuth 2 clients; ignored. */
            scope?: string;
            /** @description A submit button; ignored. */
            submit?: string;
            /** @description A submit button; ignored. */
            commit?: string;
        };
        /** @description What a start page shows. */
        Dashboard: {
            /**
             * @description Letters, digits, `_`, `.` and `-`. Unique; upper and lower case count as equal. The server removes white space around it.
             * @example lyshark
             */
            logged_in_as: string;
            /**
             * @description For people, not for programs.
             * @example Welcome to your dashboard, lyshark!
             */
            message: string;
            user: components["schemas"]["User"];
            /**
             * @description How many live sessions the user has.
             * @example 2
             */
            activeSessions: number;
            /**
             * @description Notes of the user.
             * @example 2
             */
            notes: number;
            /**
             * @description Houses that the user owns.
             * @example 1
             */
            houses: number;
        };
        EmailChangeUndone: {
            /**
             * @description For people, not for programs.
             * @example Your account has its old address again, and a new password. All sessions have ended: sign in with it.
             */
            message: string;
        };
        EmailVerified: {
            /**
             * @description The address that is verified now, and the one of the account.
             * @example lyshark@example.com
             */
            email: string;
            /**
             * @description For people, not for programs.
             * @example Your e-mail address is verified.
             */
            message: string;
        };
        EndedSessions: {
            /**
             * @description How many sessions ended.
             * @example 2
             */
            ended: number;
        };
        /** @description Everything that the server holds about a user. */
        Export: {
            /**
             * Format: date-time
             * @description When it was made.
             * @example 2026-11-20T10:00:00.000Z
             */
            exportedAt: string;
            /** @description What happened to your account, oldest first. */
            events: {
                [key: string]: unknown;
            }[];
            /** @description What you did to the accounts of others, as an administrator. */
            actions: {
                [key: string]: unknown;
            }[];
            /**
             * @description Your account.
             * @example {
             *       "id": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1"
             *     }
             */
            account: {
                [key: string]: unknown;
            };
            /** @description Mails to you that wait to be sent. */
            mails: {
                [key: string]: unknown;
            }[];
            /** @description Failed sign-ins in a row, by device. */
            signInFailures: {
                [key: string]: unknown;
            }[];
            /** @description Your authenticator app, passkeys, and how many recovery codes are left. */
            factors: {
                [key: string]: unknown;
            }[];
            /** @description Your accounts at outside providers that sign you in here. */
            identities: {
                [key: string]: unknown;
            }[];
            /** @description Your sessions, those included that ended a short while ago. */
            sessions: {
                [key: string]: unknown;
            }[];
            /** @description When you sent requests with an Idempotency-Key, within a day. */
            idempotencyKeys: {
                [key: string]: unknown;
            }[];
            /** @description Your notes. */
            notes: {
                [key: string]: unknown;
            }[];
            /** @description Your houses. */
            houses: {
                [key: string]: unknown;
            }[];
            /** @description What is known of the photos of your houses. */
            photos: {
                [key: string]: unknown;
            }[];
        };
        /** @description What proves a person beside the password. */
        Factor: {
            /**
             * @description Names it in `/factors/:id`.
             * @example 01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c
             */
            id: string;
            /**
             * @description `totp`: codes of an authenticator app (RFC 6238). `passkey`: WebAuthn.
             * @example totp
             * @enum {string}
             */
            kind: "totp" | "passkey";
            /**
             * @description What you call it, such as the device that it is on.
             * @example Phone
             */
            name: string | null;
            /**
             * Format: date-time
             * @description When it was added.
             * @example 2026-11-20T10:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it was last used.
             * @example 2026-11-21T08:30:00.000Z
             */
            lastUsedAt: string | null;
            /**
             * @description Whether it can be used here: a passkey of an earlier domain cannot.
             * @example true
             */
            usable: boolean;
            /**
             * @description Whether the passkey is kept on several devices.
             * @example false
             */
            backedUp: boolean;
            /**
             * @description The id of the passkey in WebAuthn, for `PublicKeyCredential.signalAllAcceptedCredentials`.
             * @example q83vEjRWeJCrze8SNFZ4kA
             */
            credentialId?: string;
            /**
             * @description The domain that the passkey belongs to.
             * @example example.com
             */
            rpId?: string;
        };
        /** @description The factors of an account. */
        FactorList: {
            /** @description Oldest first. */
            items: components["schemas"]["Factor"][];
            /**
             * @description How many recovery codes are not used yet.
             * @example 9
             */
            recoveryCodesLeft: number;
        };
        /** @description Read-only fields are ignored. */
        FactorPatch: {
            /**
             * @description What you call it, such as the device that it is on.
             * @example Phone
             */
            name: string | null;
            /**
             * @description Names it in `/factors/:id`.
             * @example 01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c
             */
            readonly id?: string;
            /**
             * @description `totp`: codes of an authenticator app (RFC 6238). `passkey`: WebAuthn.
             * @example totp
             * @enum {string}
             */
            readonly kind?: "totp" | "passkey";
            /**
             * Format: date-time
             * @description When it was added.
             * @example 2026-11-20T10:00:00.000Z
             */
            readonly createdAt?: string;
            /**
             * Format: date-time
             * @description When it was last used.
             * @example 2026-11-21T08:30:00.000Z
             */
            readonly lastUsedAt?: string | null;
            /**
             * @description Whether it can be used here: a passkey of an earlier domain cannot.
             * @example true
             */
            readonly usable?: boolean;
            /**
             * @description Whether the passkey is kept on several devices.
             * @example false
             */
            readonly backedUp?: boolean;
            /**
             * @description The id of the passkey in WebAuthn, for `PublicKeyCredential.signalAllAcceptedCredentials`.
             * @example q83vEjRWeJCrze8SNFZ4kA
             */
            readonly credentialId?: string;
            /**
             * @description The domain that the passkey belongs to.
             * @example example.com
             */
            readonly rpId?: string;
        };
        /** @description A house, as every signed-in user sees it. */
        House: {
            /**
             * @description Id of the house.
             * @example 01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
             */
            id: string;
            /**
             * @description The project number. Each house has a different one.
             * @example GD-2026-0017
             */
            projectNo: string;
            /**
             * @description The name of the project.
             * @example 海景花园 Sea View Garden
             */
            projectName: string;
            /**
             * @description The address of the project, or null if it is not known.
             * @example 12 Harbour Road
             */
            projectAddress: string | null;
            /**
             * @description Id of the account.
             * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
             */
            ownerId: string;
            /**
             * @description Increases by one with each change. The ETag names it.
             * @example 1
             */
            version: number;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T10:04:30.250Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             * @example 2026-11-20T10:04:30.250Z
             */
            updatedAt: string;
        };
        /** @description A part of the list: the answer to a request with `cursor`. */
        HouseCursorPage: {
            /** @description The houses. */
            items: components["schemas"]["House"][];
            /**
             * @description Send it as `cursor` to get more. Null at the end of the list.
             * @example v1.5KUnJcN2x1f0S3bXqk5m2w
             */
            nextCursor: string | null;
        };
        /** @description A whole house. An address that you leave out becomes null. */
        HouseInput: {
            /**
             * @description The project number. Each house has a different one.
             * @example GD-2026-0017
             */
            projectNo: string;
            /**
             * @description The name of the project.
             * @example 海景花园 Sea View Garden
             */
            projectName: string;
            /**
             * @description The address of the project, or null if it is not known.
             * @example 12 Harbour Road
             */
            projectAddress?: string | null;
        };
        /** @description One page with totals: the answer to a request without `cursor`. */
        HousePage: {
            /** @description The houses. */
            items: components["schemas"]["House"][];
            /**
             * @description The page, from 1.
             * @example 1
             */
            page: number;
            /**
             * @description How many houses a page has.
             * @example 20
             */
            size: number;
            /**
             * @description How many houses the whole list has.
             * @example 1
             */
            totalItems: number;
            /**
             * @description How many pages the whole list has.
             * @example 1
             */
            totalPages: number;
        };
        /** @description Fields that you leave out do not change. Read-only fields are ignored. */
        HousePatch: {
            /**
             * @description The project number. Each house has a different one.
             * @example GD-2026-0017
             */
            projectNo?: string;
            /**
             * @description The name of the project.
             * @example 海景花园 Sea View Garden
             */
            projectName?: string;
            /**
             * @description The address of the project, or null if it is not known.
             * @example 12 Harbour Road
             */
            projectAddress?: string | null;
            /**
             * @description Id of the house.
             * @example 01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
             */
            readonly id?: string;
            /**
             * @description Id of the account.
             * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
             */
            readonly ownerId?: string;
            /**
             * @description Increases by one with each change. The ETag names it.
             * @example 1
             */
            readonly version?: number;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T10:04:30.250Z
             */
            readonly createdAt?: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             * @example 2026-11-20T10:04:30.250Z
             */
            readonly updatedAt?: string;
        };
        /** @description A whole house. An address that you leave out becomes null. Read-only fields are ignored. */
        HouseReplacement: {
            /**
             * @description The project number. Each house has a different one.
             * @example GD-2026-0017
             */
            projectNo: string;
            /**
             * @description The name of the project.
             * @example 海景花园 Sea View Garden
             */
            projectName: string;
            /**
             * @description The address of the project, or null if it is not known.
             * @example 12 Harbour Road
             */
            projectAddress?: string | null;
            /**
             * @description Id of the house.
             * @example 01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
             */
            readonly id?: string;
            /**
             * @description Id of the account.
             * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
             */
            readonly ownerId?: string;
            /**
             * @description Increases by one with each change. The ETag names it.
             * @example 1
             */
            readonly version?: number;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T10:04:30.250Z
             */
            readonly createdAt?: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             * @example 2026-11-20T10:04:30.250Z
             */
            readonly updatedAt?: string;
        };
        /** @description An account at an outside provider that signs its user in. */
        Identity: {
            /**
             * @description Names it in `/identities/:id`.
             * @example 01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c
             */
            id: string;
            /**
             * @description As the server names the provider.
             * @example google
             */
            provider: string;
            /**
             * @description The address that the provider has named last, for people.
             * @example lyshark@example.com
             */
            email: string | null;
            /**
             * Format: date-time
             * @description When it was added.
             * @example 2026-11-20T10:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description The last sign-in with it.
             * @example 2026-11-21T08:30:00.000Z
             */
            lastUsedAt: string | null;
        };
        /** @description The identities of an account. */
        IdentityList: {
            /** @description Oldest first. */
            items: components["schemas"]["Identity"][];
        };
        InvitationAccepted: {
            /**
             * @description For people, not for programs.
             * @example Your account is ready: sign in with your new password.
             */
            message: string;
        };
        /** @description One error in the request. */
        Issue: {
            /** @description JSON pointer (RFC 6901) into the body, or `/name` of a query parameter or header; empty for the whole body. */
            pointer: string;
            /** @description Stable name of the broken rule. */
            code: string;
            /** @description The problem, for people. Never repeats the value that was sent. */
            detail: string;
        };
        KeySet: {
            keys: components["schemas"]["PublicKey"][];
        };
        Liveness: {
            /**
             * @description The process answers.
             * @example ok
             * @enum {string}
             */
            status: "ok";
        };
        MailSent: {
            /**
             * @description For people, not for programs.
             * @example The mail is on its way to the address of the account.
             */
            message: string;
        };
        /** @description A note, as its owner sees it. */
        Note: {
            /**
             * @description Id of the note.
             * @example 01a1f86c-4e08-7c5d-8f14-2b7d90c3e6a5
             */
            id: string;
            /**
             * @description What the note is about.
             * @example Spare keys
             */
            title: string;
            /**
             * @description The text, with line breaks.
             * @example Garage: second hook.
             *     Cellar: with Ada.
             */
            body: string;
            /**
             * @description Words to find it by.
             * @example [
             *       "home",
             *       "keys"
             *     ]
             */
            tags: string[];
            /**
             * @description Increases by one with each change. The ETag names it.
             * @example 1
             */
            version: number;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T10:04:30.250Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             * @example 2026-11-20T10:04:30.250Z
             */
            updatedAt: string;
        };
        /** @description A whole note. A body or tags that you leave out become empty. */
        NoteInput: {
            /**
             * @description What the note is about.
             * @example Spare keys
             */
            title: string;
            /**
             * @description The text, with line breaks.
             * @example Garage: second hook.
             *     Cellar: with Ada.
             */
            body?: string;
            /**
             * @description Words to find it by.
             * @example [
             *       "home",
             *       "keys"
             *     ]
             */
            tags?: string[];
        };
        /** @description A part of the list. */
        NoteList: {
            /** @description The notes. */
            items: components["schemas"]["Note"][];
            /**
             * @description Send it as `cursor` to get more. Null at the end of the list.
             * @example v1.5KUnJcN2x1f0S3bXqk5m2w
             */
            nextCursor: string | null;
        };
        /** @description Fields that you leave out do not change. Read-only fields are ignored. */
        NotePatch: {
            /**
             * @description What the note is about.
             * @example Spare keys
             */
            title?: string;
            /**
             * @description The text, with line breaks.
             * @example Garage: second hook.
             *     Cellar: with Ada.
             */
            body?: string;
            /**
             * @description Words to find it by.
             * @example [
             *       "home",
             *       "keys"
             *     ]
             */
            tags?: string[];
            /**
             * @description Id of the note.
             * @example 01a1f86c-4e08-7c5d-8f14-2b7d90c3e6a5
             */
            readonly id?: string;
            /**
             * @description Increases by one with each change. The ETag names it.
             * @example 1
             */
            readonly version?: number;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T10:04:30.250Z
             */
            readonly createdAt?: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             * @example 2026-11-20T10:04:30.250Z
             */
            readonly updatedAt?: string;
        };
        /** @description A whole note. A body or tags that you leave out become empty. Read-only fields are ignored. */
        NoteReplacement: {
            /**
             * @description What the note is about.
             * @example Spare keys
             */
            title: string;
            /**
             * @description The text, with line breaks.
             * @example Garage: second hook.
             *     Cellar: with Ada.
             */
            body?: string;
            /**
             * @description Words to find it by.
             * @example [
             *       "home",
             *       "keys"
             *     ]
             */
            tags?: string[];
            /**
             * @description Id of the note.
             * @example 01a1f86c-4e08-7c5d-8f14-2b7d90c3e6a5
             */
            readonly id?: string;
            /**
             * @description Increases by one with each change. The ETag names it.
             * @example 1
             */
            readonly version?: number;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T10:04:30.250Z
             */
            readonly createdAt?: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             * @example 2026-11-20T10:04:30.250Z
             */
            readonly updatedAt?: string;
        };
        /** @description The newest mails of a server in development. */
        Outbox: {
            /** @description The mails, newest first. */
            items: components["schemas"]["OutboxMail"][];
        };
        /** @description A mail that would have been sent. */
        OutboxMail: {
            /**
             * @description The id of the mail.
             * @example 019a3c5e-7c1a-7b3e-9d1f-2a4b6c8d0e1f
             */
            id: string;
            /**
             * @description Its one recipient.
             * @example lyshark@example.com
             */
            to: string;
            /**
             * @description The subject.
             * @example Your code for localhost:3000
             */
            subject: string;
            /**
             * @description The mail as plain text.
             * @example Type this code where you are signing in:
             *
             *     1234 5678
             */
            text: string;
            /**
             * @description The same as HTML.
             * @example <!doctype html><html lang="en">…</html>
             */
            html: string;
            /**
             * Format: date-time
             * @description When it was put there.
             * @example 2026-11-29T08:15:23.123Z
             */
            sentAt: string;
        };
        PasswordChange: {
            /**
             * Format: password
             * @description The current password. Required unless the account has none.
             * @example the password until now
             */
            currentPassword?: string;
            /**
             * Format: password
             * @description 8 to 128 characters after Unicode normalization (NFC). Spaces of every kind count as U+0020. It must not be a common password, and must not contain the username or the name part of the e-mail address.
             * @example a quite different sentence
             */
            newPassword: string;
            /**
             * Format: password
             * @description The new password again. Both must be the same.
             * @example a quite different sentence
             */
            newPasswordConfirm?: string;
        };
        PasswordReset: {
            /**
             * @description For people, not for programs.
             * @example Your password is changed. All sessions have ended: sign in with it.
             */
            message: string;
        };
        /** @description A photo without its image, which is at `url`. */
        Photo: {
            /**
             * @description Id of the photo.
             * @example 01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c
             */
            id: string;
            /**
             * @description The path of the image on this server.
             * @example /houses/01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42/photos/01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c
             */
            url: string;
            /**
             * @description The media type of the image.
             * @example image/jpeg
             * @enum {string}
             */
            contentType: "image/jpeg" | "image/png" | "image/webp";
            /**
             * @description In pixels, after the image is turned upright.
             * @example 1600
             */
            width: number;
            /**
             * @description In pixels, after the image is turned upright.
             * @example 1200
             */
            height: number;
            /**
             * @description The size of the image in bytes.
             * @example 284113
             */
            bytes: number;
            /**
             * Format: date-time
             * @description When it was added.
             * @example 2026-11-20T10:06:01.500Z
             */
            createdAt: string;
        };
        PhotoList: {
            items: components["schemas"]["Photo"][];
        };
        PhotoUpload: {
            /**
             * Format: binary
             * @description A JPEG, PNG or WebP image, at most 5 MiB and 40 megapixels.
             * @example (the bytes of sea-view.jpg)
             */
            file: Blob;
        };
        /** @description Every error has this form (RFC 9457). */
        Problem: {
            /** @description URL of the page that explains the error. */
            type: string;
            /** @description The error in a few words, for people. */
            title: string;
            /** @description The HTTP status. */
            status: number;
            /** @description What happened, for people. The text may change. */
            detail: string;
            /** @description The request id, as in `X-Request-Id`. */
            instance: string;
            /**
             * @description Stable name of the error. Programs compare it.
             * @enum {string}
             */
            code: "validation_failed" | "malformed_request" | "weak_password" | "unauthenticated" | "invalid_token" | "token_expired" | "session_ended" | "invalid_credentials" | "step_up_required" | "second_factor_required" | "verification_required" | "second_factor_missing" | "forbidden" | "not_owner" | "csrf_rejected" | "registration_closed" | "wrong_password" | "email_unverified" | "not_found" | "method_not_allowed" | "not_acceptable" | "request_timeout" | "username_taken" | "email_taken" | "last_admin" | "last_credential" | "identity_taken" | "project_no_taken" | "limit_reached" | "challenge_over" | "precondition_failed" | "payload_too_large" | "uri_too_long" | "unsupported_media_type" | "idempotency_mismatch" | "rate_limited" | "headers_too_large" | "internal" | "overloaded" | "unavailable" | "provider_unavailable";
            /**
             * @description What a client can do. Only `login` means that the session has ended.
             * @enum {string}
             */
            action: "fix_request" | "login" | "refresh" | "step_up" | "retry" | "none";
            /** @description All problems in the request, at most 100. */
            errors?: components["schemas"]["Issue"][];
            /** @description Names of the rate limits that are used up. */
            "violated-policies"?: string[];
            /** @description How many more guesses the challenge allows. */
            attemptsLeft?: number;
            challenge?: components["schemas"]["Challenge"];
        };
        /** @description A row of the error table. */
        ProblemType: {
            /**
             * @description URL of the page that explains the error.
             * @example /problems/token_expired
             */
            type: string;
            /**
             * @description The error in a few words.
             * @example Token expired
             */
            title: string;
            /**
             * @description The HTTP status.
             * @example 401
             */
            status: number;
            /**
             * @description Stable name of the error.
             * @example token_expired
             */
            code: string;
            /**
             * @description What a client can do.
             * @example refresh
             */
            action: string;
            /**
             * @description What happened, in one sentence.
             * @example The access token has expired; get a new one at POST /refresh.
             */
            detail: string;
            /**
             * @description More about the error, in a paragraph.
             * @example The access token is genuine, but it has expired, the role of the account has changed, or the password was changed after it was issued. The session continues: refresh, then retry the request.
             */
            explanation: string;
        };
        ProblemTypeList: {
            /** @description All errors, by status. */
            items: components["schemas"]["ProblemType"][];
        };
        /** @description An outside provider that signs people in. */
        Provider: {
            /**
             * @description As the server names the provider.
             * @example google
             */
            id: string;
            /**
             * @description For a button.
             * @example Google
             */
            name: string;
        };
        /** @description As the provider sends it. */
        ProviderCallback: {
            /**
             * @description As it was sent to the provider.
             * @example q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ
             */
            state?: string;
            /**
             * @description To be exchanged for the identity.
             * @example SplxlOBeZQQYbYS6WxSbIA
             */
            code?: string;
            /**
             * @description Who sends it (RFC 9207).
             * @example https://accounts.example.com
             */
            iss?: string;
            /**
             * @description Why nobody was signed in.
             * @example access_denied
             */
            error?: string;
        } & {
            [key: string]: unknown;
        };
        /**
         * @description The same fields as in JSON. An empty optional field counts as absent.
         * @example {
         *       "state": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ",
         *       "code": "SplxlOBeZQQYbYS6WxSbIA",
         *       "iss": "https://accounts.example.com",
         *       "error": "access_denied"
         *     }
         */
        ProviderCallbackForm: {
            /**
             * @description As it was sent to the provider.
             * @example q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ
             */
            state?: string;
            /**
             * @description To be exchanged for the identity.
             * @example SplxlOBeZQQYbYS6WxSbIA
             */
            code?: string;
            /**
             * @description Who sends it (RFC 9207).
             * @example https://accounts.example.com
             */
            iss?: string;
            /**
             * @description Why nobody was signed in.
             * @example access_denied
             */
            error?: string;
            /** @description Sent by OAuth 2 clients; ignored. */
            client_id?: string;
            /** @description Sent by OAuth 2 clients; ignored. */
            client_secret?: string;
            /** @description Sent by OAuth 2 clients; ignored. */
            scope?: string;
            /** @description A submit button; ignored. */
            submit?: string;
            /** @description A submit button; ignored. */
            commit?: string;
        } & {
            [key: string]: unknown;
        };
        /** @description The outside providers of this server. */
        ProviderList: {
            /** @description In the order of the settings. */
            items: components["schemas"]["Provider"][];
        };
        /** @description Where an outside provider asks the user. */
        ProviderRedirect: {
            /**
             * @description Send the browser there. It comes back to `returnTo`.
             * @example https://accounts.example.com/authorize?client_id=latchkey&state=q83vEjRW
             */
            url: string;
            /**
             * @description Seconds until the browser has to be back at this server.
             * @example 600
             */
            expiresIn: number;
        };
        /** @description A public key (RFC 7517). */
        PublicKey: {
            /**
             * @description An elliptic curve key.
             * @enum {string}
             */
            kty: "EC";
            /**
             * @description Its curve.
             * @enum {string}
             */
            crv: "P-256";
            /**
             * @description The x coordinate of the point, base64url.
             * @example f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU
             */
            x: string;
            /**
             * @description The y coordinate of the point, base64url.
             * @example x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0
             */
            y: string;
            /**
             * @description The id of the key. The header of a token repeats it.
             * @example 01a1f864-2b10-7d2c-b5a7-93c0e8f1d264
             */
            kid: string;
            /**
             * @description The only algorithm that the key is used with.
             * @enum {string}
             */
            alg: "ES256";
            /**
             * @description It verifies signatures.
             * @enum {string}
             */
            use: "sig";
        };
        /** @description The worst of all checks, and each of them. */
        Readiness: {
            /**
             * @description `degraded`: it works, but something that it should have is missing.
             * @example ok
             * @enum {string}
             */
            status: "ok" | "degraded" | "failed";
            /**
             * @description Each dependency by name.
             * @example {
             *       "database": {
             *         "status": "ok"
             *       },
             *       "uploads": {
             *         "status": "ok"
             *       },
             *       "revocationFeed": {
             *         "status": "ok"
             *       },
             *       "mail": {
             *         "status": "ok"
             *       },
             *       "rateLimits": {
             *         "status": "ok"
             *       }
             *     }
             */
            checks: {
                [key: string]: components["schemas"]["CheckResult"];
            };
        };
        /** @description New recovery codes. */
        RecoveryCodes: {
            /** @description All ten recovery codes. They are shown now and never again: keep them safe. */
            recoveryCodes: string[];
        };
        RefreshTokenBody: {
            /**
             * @description The refresh token, in body transport. Leave it out if you send it as Bearer or in the cookie.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl
             */
            refresh_token?: string;
        };
        /**
         * @description The same fields as in JSON. An empty optional field counts as absent.
         * @example {
         *       "refresh_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl"
         *     }
         */
        RefreshTokenBodyForm: {
            /**
             * @description The refresh token, in body transport. Leave it out if you send it as Bearer or in the cookie.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl
             */
            refresh_token?: string;
            /**
             * @description Sent by OAuth 2 clients; may be absent.
             * @enum {string}
             */
            grant_type?: "refresh_token";
            /** @description Sent by OAuth 2 clients; ignored. */
            client_id?: string;
            /** @description Sent by OAuth 2 clients; ignored. */
            client_secret?: string;
            /** @description Sent by OAuth 2 clients; ignored. */
            scope?: string;
            /** @description A submit button; ignored. */
            submit?: string;
            /** @description A submit button; ignored. */
            commit?: string;
        };
        /** @description A refreshed session, with its new tokens. */
        RefreshedSession: {
            /**
             * @description Send it as `Authorization: Bearer …` with every protected request. A JWT (RFC 9068).
             * @example eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMWExZjg2NC02ODc5In0.c2lnbmF0dXJl
             */
            access_token: string;
            /**
             * @description How to send the access token (RFC 6750).
             * @enum {string}
             */
            token_type: "Bearer";
            /**
             * @description Seconds until the access token expires.
             * @example 900
             */
            expires_in: number;
            /**
             * @description Exchange it for new tokens at `POST /refresh`. Keep it secret. Absent in cookie transport.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl
             */
            refresh_token?: string;
            /**
             * @description Seconds until the session ends, unless it is refreshed before then.
             * @example 2592000
             */
            refresh_expires_in: number;
            /**
             * @description Seconds from now until a client should refresh.
             * @example 790
             */
            refreshAfter: number;
            /**
             * @description Id of the session.
             * @example 01a1f866-0d00-7c90-9f02-1e8a4b6d3c57
             */
            sessionId: string;
            /**
             * Format: date-time
             * @description The time on the server, for devices whose clock is wrong.
             * @example 2026-11-20T10:00:00.000Z
             */
            serverTime: string;
            user: components["schemas"]["User"];
            /**
             * @description For people, not for programs.
             * @example Welcome back, lyshark!
             */
            message: string;
            /**
             * @description `rotated`: the refresh token is new. `replayed`: it is the one that the session already has.
             * @example rotated
             * @enum {string}
             */
            refreshed: "rotated" | "replayed";
        };
        Registration: {
            /**
             * @description Letters, digits, `_`, `.` and `-`. Unique; upper and lower case count as equal. The server removes white space around it.
             * @example lyshark
             */
            username: string;
            /**
             * Format: idn-email
             * @description A deliverable address: an ASCII name part without quotes (at most 64 characters), and a domain of at least two labels, in either spelling (UTS 46: `münchen.de` and `xn--mnchen-3ya.de` are the same). Unique; case and the spelling of the domain make no difference. The server stores and shows it as typed, without white space around it.
             * @example lyshark@example.com
             */
            email: string;
            /**
             * Format: password
             * @description 8 to 128 characters after Unicode normalization (NFC). Spaces of every kind count as U+0020. It must not be a common password, and must not contain the username or the name part of the e-mail address.
             * @example correct horse battery staple
             */
            password: string;
            /**
             * Format: password
             * @description The password again. Both must be the same.
             * @example correct horse battery staple
             */
            passwordConfirm?: string;
            /**
             * @description Any name, in any script.
             * @example Ly Shark
             */
            name?: string;
            /**
             * @description How the refresh token is sent: `body` for apps, servers and command lines, `cookie` for browsers.
             * @example body
             * @enum {string}
             */
            transport?: "body" | "cookie";
        };
        /** @description What has to be proved before the first session. */
        RegistrationBegun: {
            /**
             * @description For people, not for programs.
             * @example A code is on its way to your address. Send it to sign in.
             */
            message: string;
            challenge: components["schemas"]["Challenge"];
        };
        /**
         * @description The same fields as in JSON. An empty optional field counts as absent.
         * @example {
         *       "username": "lyshark",
         *       "email": "lyshark@example.com",
         *       "password": "correct horse battery staple",
         *       "passwordConfirm": "correct horse battery staple",
         *       "name": "Ly Shark",
         *       "transport": "body"
         *     }
         */
        RegistrationForm: {
            /**
             * @description Letters, digits, `_`, `.` and `-`. Unique; upper and lower case count as equal. The server removes white space around it.
             * @example lyshark
             */
            username: string;
            /**
             * Format: idn-email
             * @description A deliverable address: an ASCII name part without quotes (at most 64 characters), and a domain of at least two labels, in either spelling (UTS 46: `münchen.de` and `xn--mnchen-3ya.de` are the same). Unique; case and the spelling of the domain make no difference. The server stores and shows it as typed, without white space around it.
             * @example lyshark@example.com
             */
            email: string;
            /**
             * Format: password
             * @description 8 to 128 characters after Unicode normalization (NFC). Spaces of every kind count as U+0020. It must not be a common password, and must not contain the username or the name part of the e-mail address.
             * @example correct horse battery staple
             */
            password: string;
            /**
             * Format: password
             * @description The password again. Both must be the same.
             * @example correct horse battery staple
             */
            passwordConfirm?: string;
            /**
             * @description Any name, in any script.
             * @example Ly Shark
             */
            name?: string;
            /**
             * @description How the refresh token is sent: `body` for apps, servers and command lines, `cookie` for browsers.
             * @example body
             * @enum {string}
             */
            transport?: "body" | "cookie";
            /** @description Sent by OAuth 2 clients; ignored. */
            client_id?: string;
            /** @description Sent by OAuth 2 clients; ignored. */
            client_secret?: string;
            /** @description Sent by OAuth 2 clients; ignored. */
            scope?: string;
            /** @description A submit button; ignored. */
            submit?: string;
            /** @description A submit button; ignored. */
            commit?: string;
        };
        RelatedOrigins: {
            /** @description Origins of web pages. */
            origins: string[];
        };
        /** @description What a service needs to verify tokens (RFC 8414). */
        ServerMetadata: {
            /**
             * Format: uri
             * @description `iss` of every token: the URL of this server.
             * @example http://localhost:3000
             */
            issuer: string;
            /**
             * Format: uri
             * @description URL of the public keys.
             * @example http://localhost:3000/.well-known/jwks.json
             */
            jwks_uri: string;
            /**
             * Format: uri
             * @description Accepts a name and a password, as a form.
             * @example http://localhost:3000/login
             */
            token_endpoint: string;
            /** @description What the token endpoint accepts. */
            grant_types_supported: string[];
            /** @description Clients need no secret. */
            token_endpoint_auth_methods_supported: string[];
            /** @description There is no authorization endpoint. */
            response_types_supported: string[];
            /** @description `sub` is the same for every service. */
            subject_types_supported: string[];
            /** @description The algorithm that signs access tokens. There are no ID tokens. */
            id_token_signing_alg_values_supported: string[];
        };
        /** @description A new or continued session, with its tokens. */
        Session: {
            /**
             * @description Send it as `Authorization: Bearer …` with every protected request. A JWT (RFC 9068).
             * @example eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMWExZjg2NC02ODc5In0.c2lnbmF0dXJl
             */
            access_token: string;
            /**
             * @description How to send the access token (RFC 6750).
             * @enum {string}
             */
            token_type: "Bearer";
            /**
             * @description Seconds until the access token expires.
             * @example 900
             */
            expires_in: number;
            /**
             * @description Exchange it for new tokens at `POST /refresh`. Keep it secret. Absent in cookie transport.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl
             */
            refresh_token?: string;
            /**
             * @description Seconds until the session ends, unless it is refreshed before then.
             * @example 2592000
             */
            refresh_expires_in: number;
            /**
             * @description Seconds from now until a client should refresh.
             * @example 790
             */
            refreshAfter: number;
            /**
             * @description Id of the session.
             * @example 01a1f866-0d00-7c90-9f02-1e8a4b6d3c57
             */
            sessionId: string;
            /**
             * Format: date-time
             * @description The time on the server, for devices whose clock is wrong.
             * @example 2026-11-20T10:00:00.000Z
             */
            serverTime: string;
            user: components["schemas"]["User"];
            /**
             * @description For people, not for programs.
             * @example Welcome back, lyshark!
             */
            message: string;
        };
        /** @description A live session, as its owner sees it. */
        SessionInfo: {
            /**
             * @description Id of the session.
             * @example 01a1f866-0d00-7c90-9f02-1e8a4b6d3c57
             */
            id: string;
            /**
             * @description Whether it is the session of this request.
             * @example true
             */
            current: boolean;
            /**
             * Format: date-time
             * @description When it was opened.
             * @example 2026-11-20T10:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it was opened or last refreshed.
             * @example 2026-11-20T10:13:10.000Z
             */
            lastUsedAt: string;
            /**
             * Format: date-time
             * @description When it ends, unless it is refreshed before then.
             * @example 2026-12-20T10:13:10.000Z
             */
            expiresAt: string;
            /**
             * @description The IP address that last used it.
             * @example 192.0.2.17
             */
            ip: string | null;
            /**
             * @description The `User-Agent` of the client.
             * @example Firefox/145.0
             */
            userAgent: string | null;
            /**
             * @description How the refresh token is sent: `body` for apps, servers and command lines, `cookie` for browsers.
             * @example body
             * @enum {string}
             */
            transport: "body" | "cookie";
        };
        SessionList: {
            items: components["schemas"]["SessionInfo"][];
        };
        SignedOut: {
            /**
             * @description For people, not for programs.
             * @example You are signed out.
             */
            message: string;
        };
        /** @description The claims of a genuine access token. */
        TokenFacts: {
            /**
             * @description Id of the account.
             * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
             */
            sub: string;
            /**
             * @description Id of the session.
             * @example 01a1f866-0d00-7c90-9f02-1e8a4b6d3c57
             */
            sid: string;
            /**
             * @description The role of the account.
             * @example user
             */
            role: string;
            /**
             * Format: date-time
             * @description When the user last proved who he is.
             * @example 2026-11-20T10:00:00.000Z
             */
            authTime: string;
            /** @description How the user signed in (RFC 8176): `pwd` is a password, `otp` a code, `hwk` or `swk` a passkey, `user` its unlocking, `mfa` more than one factor. */
            amr: string[];
            /**
             * @description How sure it is (NIST SP 800-63B-4): `aal2` is two factors.
             * @example aal1
             * @enum {string}
             */
            acr: "aal1" | "aal2";
            /**
             * Format: date-time
             * @description When the token expires.
             * @example 2026-11-20T10:15:00.000Z
             */
            expiresAt: string;
        };
        /** @description An account, as its owner sees it. */
        User: {
            /**
             * @description Id of the account.
             * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
             */
            id: string;
            /**
             * @description Letters, digits, `_`, `.` and `-`. Unique; upper and lower case count as equal. The server removes white space around it.
             * @example lyshark
             */
            username: string;
            /**
             * @description The e-mail address as it was typed.
             * @example lyshark@example.com
             */
            email: string;
            /**
             * @description Any name, in any script.
             * @example Ly Shark
             */
            name: string | null;
            /**
             * @description The language of mails to the account, a tag such as `zh-CN`; `null` where none was chosen, and mails are in that of the request that causes them.
             * @example null
             */
            locale: string | null;
            /**
             * @description An `admin` may change what belongs to others.
             * @example user
             * @enum {string}
             */
            role: "user" | "admin";
            /**
             * @description Whether the owner has confirmed the e-mail address.
             * @example false
             */
            emailVerified: boolean;
            /**
             * @description The address that takes the place of `email` once its owner confirms it; `null` where none was asked for.
             * @example null
             */
            pendingEmail: string | null;
            /**
             * @description Whether a sign-in with the password needs a second factor.
             * @example false
             */
            secondFactor: boolean;
            /**
             * Format: date-time
             * @description When the account was created.
             * @example 2026-11-20T09:58:12.345Z
             */
            createdAt: string;
        };
        /** @description Fields that you leave out do not change. Read-only fields are ignored. */
        UserPatch: {
            /**
             * @description Any name, in any script.
             * @example Ly Shark
             */
            name?: string | null;
            /**
             * @description The language of mails to you: one that the server offers (`LANGUAGES`). `null` is the language of the request that causes a mail.
             * @example zh-CN
             */
            locale?: string | null;
            /**
             * Format: idn-email
             * @description A deliverable address: an ASCII name part without quotes (at most 64 characters), and a domain of at least two labels, in either spelling (UTS 46: `münchen.de` and `xn--mnchen-3ya.de` are the same). Unique; case and the spelling of the domain make no difference. The server stores and shows it as typed, without white space around it.
             * @example lyshark@example.com
             */
            email?: string;
            /**
             * @description Letters, digits, `_`, `.` and `-`. Unique; upper and lower case count as equal. The server removes white space around it.
             * @example lyshark
             */
            username?: string;
            /**
             * @description Whether a sign-in with the password asks for a second factor. A change needs a recent proof, and a factor to switch it on; your other sessions end.
             * @example true
             */
            secondFactor?: boolean;
            /**
             * Format: password
             * @description The password of your account. Required to change `email` or `username`, unless the account has no password. If you send it, it is always checked.
             * @example correct horse battery staple
             */
            currentPassword?: string;
            /**
             * @description Id of the account.
             * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
             */
            readonly id?: string;
            /**
             * @description An `admin` may change what belongs to others.
             * @example user
             * @enum {string}
             */
            readonly role?: "user" | "admin";
            /**
             * @description Whether the owner has confirmed the e-mail address.
             * @example false
             */
            readonly emailVerified?: boolean;
            /**
             * @description The address that takes the place of `email` once its owner confirms it; `null` where none was asked for.
             * @example null
             */
            readonly pendingEmail?: string | null;
            /**
             * Format: date-time
             * @description When the account was created.
             * @example 2026-11-20T09:58:12.345Z
             */
            readonly createdAt?: string;
        };
    };
    responses: {
        /** @description `headers_too_large`: The headers of the request are too large. */
        HeadersTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `internal`: Something went wrong on the server. Its log has the details under this request id. */
        Internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `not_acceptable`: The Accept header excludes every media type that this path can send. */
        NotAcceptable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `payload_too_large`: The body is too large. */
        PayloadTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `request_timeout`: The request did not arrive in time. */
        RequestTimeout: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `unsupported_media_type`: Send the body as application/json. */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `uri_too_long`: The URL of the request is too long. */
        UriTooLong: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /**
         * @description The id of the request, as in the log of the server.
         * @example req-3f1c6a52-9d0e-4b7a-8c25-e41f7a90b6d8
         */
        RequestId: string;
        /**
         * @description The required scheme (RFC 6750): `Bearer`, with `error="invalid_token"` if the request had a token that is not valid.
         * @example Bearer realm="latchkey"
         */
        WwwAuthenticate: string;
        /**
         * @description How many seconds to wait.
         * @example 37
         */
        RetryAfter: number;
        /**
         * @description The rate limit that is used up, what is left of it, and how many seconds until it resets.
         * @example "login";r=0;t=37
         */
        RateLimit: string;
        /**
         * @description How many requests in how many seconds the rate limit allows.
         * @example "login";q=60;w=60
         */
        RateLimitPolicy: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getOpenApiJson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The OpenAPI 3.1 document. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "openapi": "3.1.0",
                     *       "info": {
                     *         "title": "Latchkey",
                     *         "version": "0.1.0"
                     *       },
                     *       "paths": {}
                     *     }
                     */
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOpenApiYaml: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The OpenAPI 3.1 document. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example openapi: 3.1.0 */
                    "application/yaml": string;
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Registration"];
                "application/x-www-form-urlencoded": components["schemas"]["RegistrationForm"];
                "multipart/form-data": components["schemas"]["RegistrationForm"];
            };
        };
        responses: {
            /** @description The account, and its first session with its tokens. */
            201: {
                headers: {
                    /**
                     * @description The path of the account.
                     * @example /me
                     */
                    Location?: string;
                    /**
                     * @description In cookie transport, the refresh token. Signing in also sets `__Host-latchkey-device`, by which the server recognizes the device later; it gives no access. At `http://localhost`, outside production, both cookies lack the prefix and `Secure`.
                     * @example __Host-latchkey-refresh=eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Strict
                     */
                    "Set-Cookie"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description With `EMAIL_VERIFICATION=required`: a code is on its way, and nobody is signed in yet. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "A code is on its way to your address. Send it to sign in.",
                     *       "challenge": {
                     *         "token": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ",
                     *         "purpose": "verify_email",
                     *         "methods": [
                     *           "mail_code"
                     *         ],
                     *         "expiresIn": 86400
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["RegistrationBegun"];
                };
            };
            /**
             * @description `weak_password`: Choose another password; see errors for the reason.
             *
             *     `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `registration_closed`: New accounts need an invitation; ask the operator of this site.
             *
             *     `csrf_rejected`: The Origin header is missing or not allowed.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /**
             * @description `username_taken`: This username is already taken.
             *
             *     `email_taken`: An account with this e-mail address already exists.
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDashboard: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a start page shows. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "logged_in_as": "lyshark",
                     *       "message": "Welcome to your dashboard, lyshark!",
                     *       "user": {
                     *         "id": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1",
                     *         "username": "lyshark",
                     *         "email": "lyshark@example.com",
                     *         "name": "Ly Shark",
                     *         "locale": null,
                     *         "role": "user",
                     *         "emailVerified": false,
                     *         "pendingEmail": null,
                     *         "secondFactor": false,
                     *         "createdAt": "2026-11-20T09:58:12.345Z"
                     *       },
                     *       "activeSessions": 2,
                     *       "notes": 2,
                     *       "houses": 1
                     *     }
                     */
                    "application/json": components["schemas"]["Dashboard"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Credentials"];
                "application/x-www-form-urlencoded": components["schemas"]["CredentialsForm"];
                "multipart/form-data": components["schemas"]["CredentialsForm"];
            };
        };
        responses: {
            /** @description The session, with its tokens. */
            200: {
                headers: {
                    /**
                     * @description In cookie transport, the refresh token. Signing in also sets `__Host-latchkey-device`, by which the server recognizes the device later; it gives no access. At `http://localhost`, outside production, both cookies lack the prefix and `Secure`.
                     * @example __Host-latchkey-refresh=eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Strict
                     */
                    "Set-Cookie"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `invalid_credentials`: The username or the password is wrong.
             *
             *     `verification_required`: The e-mail address is not verified yet; answer the challenge with the code of the mail.
             *
             *     `second_factor_required`: One more proof is needed: answer the challenge with a second factor.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `csrf_rejected`: The Origin header is missing or not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this refresh. A retry with the same key gets the same new refresh token until that token has rotated, even with `REFRESH_UNSEEN=off`. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RefreshTokenBody"];
                "application/x-www-form-urlencoded": components["schemas"]["RefreshTokenBodyForm"];
                "multipart/form-data": components["schemas"]["RefreshTokenBodyForm"];
            };
        };
        responses: {
            /** @description The session continues, with these tokens. */
            200: {
                headers: {
                    /**
                     * @description In cookie transport, the new refresh token.
                     * @example __Host-latchkey-refresh=eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Strict
                     */
                    "Set-Cookie"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefreshedSession"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `csrf_rejected`: The Origin header is missing or not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    beginChallenge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChallengeStart"];
            };
        };
        responses: {
            /** @description The challenge. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Challenge"] | components["schemas"]["ProviderRedirect"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `csrf_rejected`: The Origin header is missing or not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description `limit_reached`: The limit is reached; remove something first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `provider_unavailable`: The provider cannot be used now; retry later, or sign in another way.
             *
             *     `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resendChallenge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "challenge": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ"
                 *     }
                 */
                "application/json": components["schemas"]["ChallengeResend"];
            };
        };
        responses: {
            /** @description The mail is on its way, where there is such an account. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "If there is such an account, the code is on its way again."
                     *     }
                     */
                    "application/json": components["schemas"]["CodeSent"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description `challenge_over`: This challenge cannot be answered any more; begin again. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    answerChallenge: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this answer. A retry of the same request gets the same response, as long as the challenge has not expired. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChallengeAnswer"];
            };
        };
        responses: {
            /** @description For `sign_in`: the new session, with its tokens. For `verify_email`: the address is verified, and nobody is signed in. For `undo_email`: address and password are replaced, and nobody is signed in. For `step_up`: the session, with new tokens; its older ones are dead. For `reset_password`: the password is changed, and nobody is signed in. For `accept_invite`: the account has a password, and nobody is signed in. For `sign_in` by a provider: the new session, with its tokens; 201 with a new account. */
            200: {
                headers: {
                    /**
                     * @description In cookie transport, the refresh token. Signing in also sets `__Host-latchkey-device`, by which the server recognizes the device later; it gives no access. At `http://localhost`, outside production, both cookies lack the prefix and `Secure`.
                     * @example __Host-latchkey-refresh=eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Strict
                     */
                    "Set-Cookie"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"] | components["schemas"]["EmailVerified"] | components["schemas"]["EmailChangeUndone"] | components["schemas"]["PasswordReset"] | components["schemas"]["InvitationAccepted"];
                };
            };
            /** @description For `add_totp` and `add_passkey`: the factor, and with the first one the recovery codes. For `sign_in` by a provider: the new session, with its tokens; 201 with a new account. For `add_identity`: the new identity. */
            201: {
                headers: {
                    /**
                     * @description In cookie transport, the refresh token. Signing in also sets `__Host-latchkey-device`, by which the server recognizes the device later; it gives no access. At `http://localhost`, outside production, both cookies lack the prefix and `Secure`.
                     * @example __Host-latchkey-refresh=eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Strict
                     */
                    "Set-Cookie"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddedFactor"] | components["schemas"]["Session"] | components["schemas"]["Identity"];
                };
            };
            /**
             * @description `weak_password`: Choose another password; see errors for the reason.
             *
             *     `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `invalid_credentials`: The username or the password is wrong.
             *
             *     `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `second_factor_required`: One more proof is needed: answer the challenge with a second factor.
             *
             *     `verification_required`: The e-mail address is not verified yet; answer the challenge with the code of the mail.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `csrf_rejected`: The Origin header is missing or not allowed.
             *
             *     `registration_closed`: New accounts need an invitation; ask the operator of this site.
             *
             *     `email_unverified`: The provider gave no address that this server can take as verified.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /**
             * @description `email_taken`: An account with this e-mail address already exists.
             *
             *     `limit_reached`: The limit is reached; remove something first.
             *
             *     `username_taken`: This username is already taken.
             *
             *     `identity_taken`: This identity belongs to another account.
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `challenge_over`: This challenge cannot be answered any more; begin again. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFactors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The factors. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c",
                     *           "kind": "totp",
                     *           "name": "Phone",
                     *           "createdAt": "2026-11-20T10:00:00.000Z",
                     *           "lastUsedAt": "2026-11-21T08:30:00.000Z",
                     *           "usable": true,
                     *           "backedUp": false
                     *         }
                     *       ],
                     *       "recoveryCodesLeft": 9
                     *     }
                     */
                    "application/json": components["schemas"]["FactorList"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeFactor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the factor.
                 * @example 01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is removed. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            /** @description `last_credential`: This is the last way to sign in to the account; add another one first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    renameFactor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the factor.
                 * @example 01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c
                 */
                id: string;
            };
            cookie?: never;
        };
        /** @description Read-only fields are ignored. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Phone"
                 *     }
                 */
                "application/json": components["schemas"]["FactorPatch"];
            };
        };
        responses: {
            /** @description The factor as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c",
                     *       "kind": "totp",
                     *       "name": "Phone",
                     *       "createdAt": "2026-11-20T10:00:00.000Z",
                     *       "lastUsedAt": "2026-11-21T08:30:00.000Z",
                     *       "usable": true,
                     *       "backedUp": false
                     *     }
                     */
                    "application/json": components["schemas"]["Factor"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    makeRecoveryCodes: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this request, so that its retry returns the same codes. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new codes. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "recoveryCodes": [
                     *         "K4M9-X7QP-2AB8-HT3Z"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `second_factor_missing`: This step needs a second factor, and the account has none; add one first. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listIdentities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The identities. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c",
                     *           "provider": "google",
                     *           "email": "lyshark@example.com",
                     *           "createdAt": "2026-11-20T10:00:00.000Z",
                     *           "lastUsedAt": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["IdentityList"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeIdentity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the identity.
                 * @example 01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is removed. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            /** @description `last_credential`: This is the last way to sign in to the account; add another one first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listActivity: {
        parameters: {
            query?: {
                /** @description Where the page begins: `nextCursor` of the page before. Newest first without. */
                cursor?: string;
                /** @description Events on a page, 1 to 100; 20 by default. */
                size?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "01a1f866-0d2a-7b1c-8e5f-4a6b0c52d9e7",
                     *           "at": "2026-11-20T10:00:00.000Z",
                     *           "type": "signed_in",
                     *           "message": "You signed in.",
                     *           "ip": "192.0.2.17",
                     *           "userAgent": "Firefox/145.0",
                     *           "sessionId": "01a1f866-0d00-7c90-9f02-1e8a4b6d3c57",
                     *           "current": true
                     *         }
                     *       ],
                     *       "nextCursor": "v1.5KUnJcN2x1f0S3bXqk5m2w"
                     *     }
                     */
                    "application/json": components["schemas"]["ActivityList"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. */
            200: {
                headers: {
                    /**
                     * @description A name for the file.
                     * @example attachment; filename="export.json"
                     */
                    "Content-Disposition"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "exportedAt": "2026-11-20T10:00:00.000Z",
                     *       "events": [
                     *         {}
                     *       ],
                     *       "actions": [
                     *         {}
                     *       ],
                     *       "account": {
                     *         "id": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1"
                     *       },
                     *       "mails": [
                     *         {}
                     *       ],
                     *       "signInFailures": [
                     *         {}
                     *       ],
                     *       "factors": [
                     *         {}
                     *       ],
                     *       "identities": [
                     *         {}
                     *       ],
                     *       "sessions": [
                     *         {}
                     *       ],
                     *       "idempotencyKeys": [
                     *         {}
                     *       ],
                     *       "notes": [
                     *         {}
                     *       ],
                     *       "houses": [
                     *         {}
                     *       ],
                     *       "photos": [
                     *         {}
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Export"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRelatedOrigins: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The origins. */
            200: {
                headers: {
                    /**
                     * @description How long the answer may be cached.
                     * @example public, max-age=300
                     */
                    "Cache-Control"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "origins": [
                     *         "https://app.example.org"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RelatedOrigins"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verifyToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token is valid. */
            200: {
                headers: {
                    /**
                     * @description The id of the account.
                     * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                     */
                    "X-User-Id"?: string;
                    /**
                     * @description The role of the account.
                     * @example user
                     */
                    "X-User-Role"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sub": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1",
                     *       "sid": "01a1f866-0d00-7c90-9f02-1e8a4b6d3c57",
                     *       "role": "user",
                     *       "authTime": "2026-11-20T10:00:00.000Z",
                     *       "amr": [
                     *         "pwd"
                     *       ],
                     *       "acr": "aal1",
                     *       "expiresAt": "2026-11-20T10:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["TokenFacts"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The live sessions of the account. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "01a1f866-0d00-7c90-9f02-1e8a4b6d3c57",
                     *           "current": true,
                     *           "createdAt": "2026-11-20T10:00:00.000Z",
                     *           "lastUsedAt": "2026-11-20T10:13:10.000Z",
                     *           "expiresAt": "2026-12-20T10:13:10.000Z",
                     *           "ip": "192.0.2.17",
                     *           "userAgent": "Firefox/145.0",
                     *           "transport": "body"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeOtherSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The other sessions have ended. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ended": 2
                     *     }
                     */
                    "application/json": components["schemas"]["EndedSessions"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the session.
                 * @example 01a1f866-0d00-7c90-9f02-1e8a4b6d3c57
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session has ended. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNotes: {
        parameters: {
            query?: {
                /** @description Empty to start, then `nextCursor` of the previous answer. */
                cursor?: string;
                /** @description Notes on a page, 1 to 100; 20 by default. */
                size?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The notes. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "01a1f86c-4e08-7c5d-8f14-2b7d90c3e6a5",
                     *           "title": "Spare keys",
                     *           "body": "Garage: second hook.\nCellar: with Ada.",
                     *           "tags": [
                     *             "home",
                     *             "keys"
                     *           ],
                     *           "version": 1,
                     *           "createdAt": "2026-11-20T10:04:30.250Z",
                     *           "updatedAt": "2026-11-20T10:04:30.250Z"
                     *         }
                     *       ],
                     *       "nextCursor": "v1.5KUnJcN2x1f0S3bXqk5m2w"
                     *     }
                     */
                    "application/json": components["schemas"]["NoteList"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createNote: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this request for 24 hours: a retry with the same key gets the same answer and creates no second note. A user may send at least 10,000 new keys a day (UTC); beyond the limit the answer is 429 `rate_limited`. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description A whole note. A body or tags that you leave out become empty. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "title": "Spare keys",
                 *       "body": "Garage: second hook.\nCellar: with Ada.",
                 *       "tags": [
                 *         "home",
                 *         "keys"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["NoteInput"];
            };
        };
        responses: {
            /** @description The note. */
            201: {
                headers: {
                    /**
                     * @description The path of the note.
                     * @example /notes/01a1f86c-4e08-7c5d-8f14-2b7d90c3e6a5
                     */
                    Location?: string;
                    /**
                     * @description The version, for If-Match.
                     * @example "1"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01a1f86c-4e08-7c5d-8f14-2b7d90c3e6a5",
                     *       "title": "Spare keys",
                     *       "body": "Garage: second hook.\nCellar: with Ada.",
                     *       "tags": [
                     *         "home",
                     *         "keys"
                     *       ],
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T10:04:30.250Z",
                     *       "updatedAt": "2026-11-20T10:04:30.250Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Note"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description `limit_reached`: The limit is reached; remove something first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: This Idempotency-Key belongs to a different request. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getNote: {
        parameters: {
            query?: never;
            header?: {
                /** @description The answer is 304 when the resource still has one of these ETags. */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description Id of the note.
                 * @example 01a1f86c-4e08-7c5d-8f14-2b7d90c3e6a5
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The note. */
            200: {
                headers: {
                    /**
                     * @description The version, for If-Match.
                     * @example "1"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01a1f86c-4e08-7c5d-8f14-2b7d90c3e6a5",
                     *       "title": "Spare keys",
                     *       "body": "Garage: second hook.\nCellar: with Ada.",
                     *       "tags": [
                     *         "home",
                     *         "keys"
                     *       ],
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T10:04:30.250Z",
                     *       "updatedAt": "2026-11-20T10:04:30.250Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Note"];
                };
            };
            /** @description The note has not changed: it has the ETag in If-None-Match. */
            304: {
                headers: {
                    /**
                     * @description The version, for If-Match.
                     * @example "1"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replaceNote: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if the resource still has one of these ETags, else 412. */
                "if-match"?: string;
                /** @description Write only if the resource has none of these ETags, else 412. */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description Id of the note.
                 * @example 01a1f86c-4e08-7c5d-8f14-2b7d90c3e6a5
                 */
                id: string;
            };
            cookie?: never;
        };
        /** @description A whole note. A body or tags that you leave out become empty. Read-only fields are ignored. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "title": "Spare keys",
                 *       "body": "Garage: second hook.\nCellar: with Ada.",
                 *       "tags": [
                 *         "home",
                 *         "keys"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["NoteReplacement"];
            };
        };
        responses: {
            /** @description The note as it is now. */
            200: {
                headers: {
                    /**
                     * @description The version, for If-Match.
                     * @example "2"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Note"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description `precondition_failed`: The resource does not have the version that the request asks for. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteNote: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if the resource still has one of these ETags, else 412. */
                "if-match"?: string;
                /** @description Write only if the resource has none of these ETags, else 412. */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description Id of the note.
                 * @example 01a1f86c-4e08-7c5d-8f14-2b7d90c3e6a5
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The note is deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            /** @description `precondition_failed`: The resource does not have the version that the request asks for. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateNote: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if the resource still has one of these ETags, else 412. */
                "if-match"?: string;
                /** @description Write only if the resource has none of these ETags, else 412. */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description Id of the note.
                 * @example 01a1f86c-4e08-7c5d-8f14-2b7d90c3e6a5
                 */
                id: string;
            };
            cookie?: never;
        };
        /** @description Fields that you leave out do not change. Read-only fields are ignored. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NotePatch"];
            };
        };
        responses: {
            /** @description The note as it is now. */
            200: {
                headers: {
                    /**
                     * @description The version, for If-Match.
                     * @example "2"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Note"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description `precondition_failed`: The resource does not have the version that the request asks for. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listProviders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The providers; none is configured by default. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "google",
                     *           "name": "Google"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ProviderList"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    returnFromProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The provider.
                 * @example google
                 */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The browser continues at `returnTo`. */
            303: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            /** @description `challenge_over`: This challenge cannot be answered any more; begin again. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    returnFromProviderByForm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The provider.
                 * @example google
                 */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "state": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ",
                 *       "code": "SplxlOBeZQQYbYS6WxSbIA",
                 *       "iss": "https://accounts.example.com",
                 *       "error": "access_denied"
                 *     }
                 */
                "application/json": components["schemas"]["ProviderCallback"];
                /**
                 * @example {
                 *       "state": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ",
                 *       "code": "SplxlOBeZQQYbYS6WxSbIA",
                 *       "iss": "https://accounts.example.com",
                 *       "error": "access_denied"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["ProviderCallbackForm"];
                /**
                 * @example {
                 *       "state": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ",
                 *       "code": "SplxlOBeZQQYbYS6WxSbIA",
                 *       "iss": "https://accounts.example.com",
                 *       "error": "access_denied"
                 *     }
                 */
                "multipart/form-data": components["schemas"]["ProviderCallbackForm"];
            };
        };
        responses: {
            /** @description The browser continues at `returnTo`. */
            303: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            /** @description `challenge_over`: This challenge cannot be answered any more; begin again. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listUsers: {
        parameters: {
            query?: {
                /** @description An id or an e-mail address; else a part of a username, an address or a name, without regard to case. `%`, `_` and `*` stand for themselves. */
                q?: string;
                /** @description An `admin` looks after all accounts, and may change what belongs to others. */
                role?: "user" | "admin";
                /** @description `active`: not disabled. `unverified`: not disabled, and the address is not verified. */
                status?: "active" | "disabled" | "unverified";
                /** @description Descending with `-`. The default is `-createdAt`. */
                sort?: "-createdAt" | "createdAt" | "username" | "-username";
                /** @description Empty to start, then `nextCursor` of the previous answer, with the same sort and filters. */
                cursor?: string;
                /** @description Accounts on a page, 1 to 100; 20 by default. */
                size?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The accounts. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1",
                     *           "username": "lyshark",
                     *           "email": "lyshark@example.com",
                     *           "name": "Ly Shark",
                     *           "locale": null,
                     *           "role": "user",
                     *           "emailVerified": false,
                     *           "pendingEmail": null,
                     *           "secondFactor": false,
                     *           "createdAt": "2026-11-20T09:58:12.345Z",
                     *           "disabledAt": null,
                     *           "lockedUntil": null,
                     *           "lastSignInAt": "2026-11-20T10:00:00.000Z",
                     *           "hasPassword": true,
                     *           "identities": 0,
                     *           "version": 1
                     *         }
                     *       ],
                     *       "nextCursor": "v1.5KUnJcN2x1f0S3bXqk5m2w"
                     *     }
                     */
                    "application/json": components["schemas"]["AdminUserList"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A new account. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdminUserInput"];
            };
        };
        responses: {
            /** @description The account. */
            201: {
                headers: {
                    /**
                     * @description The path of the account.
                     * @example /admin/users/01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                     */
                    Location?: string;
                    /**
                     * @description The version, for If-Match.
                     * @example "1"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1",
                     *       "username": "lyshark",
                     *       "email": "lyshark@example.com",
                     *       "name": "Ly Shark",
                     *       "locale": null,
                     *       "role": "user",
                     *       "emailVerified": false,
                     *       "pendingEmail": null,
                     *       "secondFactor": false,
                     *       "createdAt": "2026-11-20T09:58:12.345Z",
                     *       "disabledAt": null,
                     *       "lockedUntil": null,
                     *       "lastSignInAt": "2026-11-20T10:00:00.000Z",
                     *       "hasPassword": true,
                     *       "identities": 0,
                     *       "version": 1
                     *     }
                     */
                    "application/json": components["schemas"]["AdminUser"];
                };
            };
            /**
             * @description `weak_password`: Choose another password; see errors for the reason.
             *
             *     `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /**
             * @description `username_taken`: This username is already taken.
             *
             *     `email_taken`: An account with this e-mail address already exists.
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the account.
                 * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    /**
                     * @description The version, for If-Match.
                     * @example "1"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1",
                     *       "username": "lyshark",
                     *       "email": "lyshark@example.com",
                     *       "name": "Ly Shark",
                     *       "locale": null,
                     *       "role": "user",
                     *       "emailVerified": false,
                     *       "pendingEmail": null,
                     *       "secondFactor": false,
                     *       "createdAt": "2026-11-20T09:58:12.345Z",
                     *       "disabledAt": null,
                     *       "lockedUntil": null,
                     *       "lastSignInAt": "2026-11-20T10:00:00.000Z",
                     *       "hasPassword": true,
                     *       "identities": 0,
                     *       "version": 1
                     *     }
                     */
                    "application/json": components["schemas"]["AdminUser"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if the resource still has one of these ETags, else 412. */
                "if-match"?: string;
                /** @description Write only if the resource has none of these ETags, else 412. */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description Id of the account.
                 * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account is deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            /** @description `last_admin`: This is the last enabled administrator; give the role to another account first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The resource does not have the version that the request asks for. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if the resource still has one of these ETags, else 412. */
                "if-match"?: string;
                /** @description Write only if the resource has none of these ETags, else 412. */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description Id of the account.
                 * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                 */
                id: string;
            };
            cookie?: never;
        };
        /** @description Fields that you leave out do not change. Read-only fields are ignored. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdminUserPatch"];
            };
        };
        responses: {
            /** @description The account as it is now. */
            200: {
                headers: {
                    /**
                     * @description The version, for If-Match.
                     * @example "2"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdminUser"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /**
             * @description `last_admin`: This is the last enabled administrator; give the role to another account first.
             *
             *     `email_taken`: An account with this e-mail address already exists.
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The resource does not have the version that the request asks for. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSessionsOfUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the account.
                 * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The live sessions. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "01a1f866-0d00-7c90-9f02-1e8a4b6d3c57",
                     *           "current": true,
                     *           "createdAt": "2026-11-20T10:00:00.000Z",
                     *           "lastUsedAt": "2026-11-20T10:13:10.000Z",
                     *           "expiresAt": "2026-12-20T10:13:10.000Z",
                     *           "ip": "192.0.2.17",
                     *           "userAgent": "Firefox/145.0",
                     *           "transport": "body"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endSessionsOfUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the account.
                 * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sessions have ended. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ended": 2
                     *     }
                     */
                    "application/json": components["schemas"]["EndedSessions"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endSessionOfUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the account.
                 * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                 */
                id: string;
                /**
                 * @description Id of the session.
                 * @example 01a1f866-0d00-7c90-9f02-1e8a4b6d3c57
                 */
                sid: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session has ended. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unlockUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the account.
                 * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account is not locked. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeFactorsOfUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the account.
                 * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account has no factors, or had none. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listIdentitiesOfUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the account.
                 * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The identities. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c",
                     *           "provider": "google",
                     *           "email": "lyshark@example.com",
                     *           "createdAt": "2026-11-20T10:00:00.000Z",
                     *           "lastUsedAt": "2026-11-21T08:30:00.000Z",
                     *           "issuer": "https://accounts.google.com",
                     *           "subject": "110169484474386276334"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["AdminIdentityList"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeIdentityOfUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the account.
                 * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                 */
                id: string;
                /**
                 * @description Id of the identity.
                 * @example 01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c
                 */
                identityId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is removed. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            /** @description `last_admin`: This is the last enabled administrator; give the role to another account first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sendResetMail: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the account.
                 * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The mail is queued. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "The mail is on its way to the address of the account."
                     *     }
                     */
                    "application/json": components["schemas"]["MailSent"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description Id of the account. */
                userId?: string;
                /** @description Events of this type alone. */
                type?: "registered" | "account_created" | "invitation_accepted" | "signed_in" | "stepped_up" | "sign_in_failed" | "sign_in_locked" | "signed_out" | "session_revoked" | "sessions_ended" | "signing_keys_replaced" | "refresh_token_reused" | "session_restored" | "password_changed" | "password_reset_sent" | "password_reset" | "challenge_failed" | "second_factor_failed" | "second_factor_changed" | "factor_added" | "factor_removed" | "factor_cloned" | "recovery_codes_made" | "recovery_code_used" | "identity_added" | "identity_removed" | "account_claimed" | "email_verified" | "email_change_asked" | "email_changed" | "email_change_undone" | "profile_changed" | "role_changed" | "account_disabled" | "account_enabled" | "account_unlocked" | "account_deleted" | "mail_failed" | "house_changed_by_admin" | "house_deleted_by_admin";
                /** @description Empty to start, then `nextCursor` of the previous answer, with the same filters. */
                cursor?: string;
                /** @description Events on a page, 1 to 100; 20 by default. */
                size?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "01a1f866-0d00-7c90-9f02-1e8a4b6d3c57",
                     *           "at": "2026-11-20T10:00:00.000Z",
                     *           "type": "role_changed",
                     *           "userId": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1",
                     *           "username": "lyshark",
                     *           "actorId": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1",
                     *           "actorUsername": "ada",
                     *           "sessionId": "01a1f866-0d00-7c90-9f02-1e8a4b6d3c57",
                     *           "ip": "192.0.2.17",
                     *           "userAgent": "Firefox/145.0",
                     *           "requestId": null,
                     *           "detail": "admin",
                     *           "count": 1
                     *         }
                     *       ],
                     *       "nextCursor": "v1.5KUnJcN2x1f0S3bXqk5m2w"
                     *     }
                     */
                    "application/json": components["schemas"]["AdminEventList"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSummary: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "at": "2026-11-20T10:00:00.000Z",
                     *       "users": {
                     *         "total": 1024,
                     *         "disabled": 3,
                     *         "unverified": 40,
                     *         "admins": 2
                     *       },
                     *       "sessions": {
                     *         "live": 830
                     *       },
                     *       "last24Hours": {
                     *         "signIns": 12,
                     *         "failures": 3,
                     *         "hours": [
                     *           {
                     *             "at": "2026-11-20T09:00:00.000Z",
                     *             "signIns": 12,
                     *             "failures": 3
                     *           }
                     *         ]
                     *       },
                     *       "revocationLagSeconds": 0.4,
                     *       "mail": {
                     *         "isOn": true,
                     *         "waiting": 0,
                     *         "oldestSeconds": 0
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["AdminSummary"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: You may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAdminPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example <!doctype html><html lang="en">…</html> */
                    "text/html": string;
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listHouses: {
        parameters: {
            query?: {
                /** @description The page, from 1. Not allowed together with `cursor`. */
                page?: string;
                /** @description Houses on a page, 1 to 100; 20 by default. */
                size?: string;
                /** @description Empty to start, then `nextCursor` of the previous answer, with the same sort and filters. */
                cursor?: string;
                /** @description Descending with `-`. The default is `-createdAt`. */
                sort?: "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt" | "projectNo" | "-projectNo" | "projectName" | "-projectName";
                /** @description Houses of this owner. */
                ownerId?: string;
                /** @description Houses with this text in `projectNo`, in any case. */
                projectNo?: string;
                /** @description Houses with this text in `projectName`, in any case. */
                projectName?: string;
                /** @description Houses with this text in `projectAddress`, in any case. */
                projectAddress?: string;
                /** @description Houses with this text in any of the three texts, in any case. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The houses. */
            200: {
                headers: {
                    /**
                     * @description The other pages (RFC 8288): first, prev, next and last. Absent with `cursor`, and if it would exceed 4 KiB.
                     * @example <http://localhost:3000/houses?page=1>; rel="first", <http://localhost:3000/houses?page=2>; rel="next", <http://localhost:3000/houses?page=3>; rel="last"
                     */
                    Link?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HousePage"] | components["schemas"]["HouseCursorPage"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createHouse: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this request for 24 hours: a retry with the same key gets the same answer and creates no second house. A user may send at least 10,000 new keys a day (UTC); beyond the limit the answer is 429 `rate_limited`. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description A whole house. An address that you leave out becomes null. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "projectNo": "GD-2026-0017",
                 *       "projectName": "海景花园 Sea View Garden",
                 *       "projectAddress": "12 Harbour Road"
                 *     }
                 */
                "application/json": components["schemas"]["HouseInput"];
            };
        };
        responses: {
            /** @description The house. */
            201: {
                headers: {
                    /**
                     * @description The path of the house.
                     * @example /houses/01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
                     */
                    Location?: string;
                    /**
                     * @description The version, for If-Match.
                     * @example "1"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42",
                     *       "projectNo": "GD-2026-0017",
                     *       "projectName": "海景花园 Sea View Garden",
                     *       "projectAddress": "12 Harbour Road",
                     *       "ownerId": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1",
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T10:04:30.250Z",
                     *       "updatedAt": "2026-11-20T10:04:30.250Z"
                     *     }
                     */
                    "application/json": components["schemas"]["House"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /**
             * @description `limit_reached`: The limit is reached; remove something first.
             *
             *     `project_no_taken`: A house with this project number already exists.
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: This Idempotency-Key belongs to a different request. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHouse: {
        parameters: {
            query?: never;
            header?: {
                /** @description The answer is 304 when the resource still has one of these ETags. */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description Id of the house.
                 * @example 01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The house. */
            200: {
                headers: {
                    /**
                     * @description The version, for If-Match.
                     * @example "1"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42",
                     *       "projectNo": "GD-2026-0017",
                     *       "projectName": "海景花园 Sea View Garden",
                     *       "projectAddress": "12 Harbour Road",
                     *       "ownerId": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1",
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T10:04:30.250Z",
                     *       "updatedAt": "2026-11-20T10:04:30.250Z"
                     *     }
                     */
                    "application/json": components["schemas"]["House"];
                };
            };
            /** @description The house has not changed: it has the ETag in If-None-Match. */
            304: {
                headers: {
                    /**
                     * @description The version, for If-Match.
                     * @example "1"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replaceHouse: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if the resource still has one of these ETags, else 412. */
                "if-match"?: string;
                /** @description Write only if the resource has none of these ETags, else 412. */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description Id of the house.
                 * @example 01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
                 */
                id: string;
            };
            cookie?: never;
        };
        /** @description A whole house. An address that you leave out becomes null. Read-only fields are ignored. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "projectNo": "GD-2026-0017",
                 *       "projectName": "海景花园 Sea View Garden",
                 *       "projectAddress": "12 Harbour Road"
                 *     }
                 */
                "application/json": components["schemas"]["HouseReplacement"];
            };
        };
        responses: {
            /** @description The house as it is now. */
            200: {
                headers: {
                    /**
                     * @description The version, for If-Match.
                     * @example "2"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["House"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_owner`: Only the owner may do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description `project_no_taken`: A house with this project number already exists. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The resource does not have the version that the request asks for. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteHouse: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if the resource still has one of these ETags, else 412. */
                "if-match"?: string;
                /** @description Write only if the resource has none of these ETags, else 412. */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description Id of the house.
                 * @example 01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The house is deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_owner`: Only the owner may do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            /** @description `precondition_failed`: The resource does not have the version that the request asks for. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateHouse: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if the resource still has one of these ETags, else 412. */
                "if-match"?: string;
                /** @description Write only if the resource has none of these ETags, else 412. */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description Id of the house.
                 * @example 01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
                 */
                id: string;
            };
            cookie?: never;
        };
        /** @description Fields that you leave out do not change. Read-only fields are ignored. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["HousePatch"];
            };
        };
        responses: {
            /** @description The house as it is now. */
            200: {
                headers: {
                    /**
                     * @description The version, for If-Match.
                     * @example "2"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["House"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_owner`: Only the owner may do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description `project_no_taken`: A house with this project number already exists. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The resource does not have the version that the request asks for. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPhotos: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the house.
                 * @example 01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The photos of the house. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c",
                     *           "url": "/houses/01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42/photos/01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c",
                     *           "contentType": "image/jpeg",
                     *           "width": 1600,
                     *           "height": 1200,
                     *           "bytes": 284113,
                     *           "createdAt": "2026-11-20T10:06:01.500Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["PhotoList"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addPhoto: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the house.
                 * @example 01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "file": "(the bytes of sea-view.jpg)"
                 *     }
                 */
                "multipart/form-data": components["schemas"]["PhotoUpload"];
            };
        };
        responses: {
            /** @description The photo. */
            201: {
                headers: {
                    /**
                     * @description The path of the image.
                     * @example /houses/01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42/photos/01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c
                     */
                    Location?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c",
                     *       "url": "/houses/01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42/photos/01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c",
                     *       "contentType": "image/jpeg",
                     *       "width": 1600,
                     *       "height": 1200,
                     *       "bytes": 284113,
                     *       "createdAt": "2026-11-20T10:06:01.500Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Photo"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_owner`: Only the owner may do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description `limit_reached`: The limit is reached; remove something first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPhoto: {
        parameters: {
            query?: never;
            header?: {
                /** @description The answer is 304 when the resource still has one of these ETags. */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description Id of the house.
                 * @example 01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
                 */
                id: string;
                /**
                 * @description Id of the photo.
                 * @example 01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c
                 */
                photoId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The image. */
            200: {
                headers: {
                    /**
                     * @description The id: an image never changes.
                     * @example "01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example (the bytes of the image) */
                    "image/jpeg": Blob;
                    /** @example (the bytes of the image) */
                    "image/png": Blob;
                    /** @example (the bytes of the image) */
                    "image/webp": Blob;
                };
            };
            /** @description The image has the ETag in If-None-Match. */
            304: {
                headers: {
                    /**
                     * @description The id: an image never changes.
                     * @example "01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c"
                     */
                    ETag?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deletePhoto: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the house.
                 * @example 01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
                 */
                id: string;
                /**
                 * @description Id of the photo.
                 * @example 01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c
                 */
                photoId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The photo is deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_owner`: Only the owner may do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getJwks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys. A new key is published well before it is used. */
            200: {
                headers: {
                    /**
                     * @description How long the answer may be cached.
                     * @example public, max-age=300
                     */
                    "Cache-Control"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "keys": [
                     *         {
                     *           "kty": "EC",
                     *           "crv": "P-256",
                     *           "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                     *           "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                     *           "kid": "01a1f864-2b10-7d2c-b5a7-93c0e8f1d264",
                     *           "alg": "ES256",
                     *           "use": "sig"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["KeySet"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOpenIdMetadata: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The metadata of this server. */
            200: {
                headers: {
                    /**
                     * @description How long the answer may be cached.
                     * @example public, max-age=300
                     */
                    "Cache-Control"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "issuer": "http://localhost:3000",
                     *       "jwks_uri": "http://localhost:3000/.well-known/jwks.json",
                     *       "token_endpoint": "http://localhost:3000/login",
                     *       "grant_types_supported": [
                     *         "password"
                     *       ],
                     *       "token_endpoint_auth_methods_supported": [
                     *         "none"
                     *       ],
                     *       "response_types_supported": [
                     *         "none"
                     *       ],
                     *       "subject_types_supported": [
                     *         "public"
                     *       ],
                     *       "id_token_signing_alg_values_supported": [
                     *         "ES256"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ServerMetadata"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOAuthMetadata: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The metadata of this server. */
            200: {
                headers: {
                    /**
                     * @description How long the answer may be cached.
                     * @example public, max-age=300
                     */
                    "Cache-Control"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "issuer": "http://localhost:3000",
                     *       "jwks_uri": "http://localhost:3000/.well-known/jwks.json",
                     *       "token_endpoint": "http://localhost:3000/login",
                     *       "grant_types_supported": [
                     *         "password"
                     *       ],
                     *       "token_endpoint_auth_methods_supported": [
                     *         "none"
                     *       ],
                     *       "response_types_supported": [
                     *         "none"
                     *       ],
                     *       "subject_types_supported": [
                     *         "public"
                     *       ],
                     *       "id_token_signing_alg_values_supported": [
                     *         "ES256"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ServerMetadata"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listProblems: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The error table. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "type": "/problems/token_expired",
                     *           "title": "Token expired",
                     *           "status": 401,
                     *           "code": "token_expired",
                     *           "action": "refresh",
                     *           "detail": "The access token has expired; get a new one at POST /refresh.",
                     *           "explanation": "The access token is genuine, but it has expired, the role of the account has changed, or the password was changed after it was issued. The session continues: refresh, then retry the request."
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ProblemTypeList"];
                    /** @example <!doctype html><html lang="en"><title>Problems · Latchkey</title>…</html> */
                    "text/html": string;
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getProblem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The `code` of an error.
                 * @example token_expired
                 */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The error. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "/problems/token_expired",
                     *       "title": "Token expired",
                     *       "status": 401,
                     *       "code": "token_expired",
                     *       "action": "refresh",
                     *       "detail": "The access token has expired; get a new one at POST /refresh.",
                     *       "explanation": "The access token is genuine, but it has expired, the role of the account has changed, or the password was changed after it was issued. The session continues: refresh, then retry the request."
                     *     }
                     */
                    "application/json": components["schemas"]["ProblemType"];
                    /** @example <!doctype html><html lang="en"><title>Problems · Latchkey</title>…</html> */
                    "text/html": string;
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOutbox: {
        parameters: {
            query?: {
                /** @description Only mails to this address, written as in the mail. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The mails. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "019a3c5e-7c1a-7b3e-9d1f-2a4b6c8d0e1f",
                     *           "to": "lyshark@example.com",
                     *           "subject": "Your code for localhost:3000",
                     *           "text": "Type this code where you are signing in:\n\n1234 5678\n",
                     *           "html": "<!doctype html><html lang=\"en\">…</html>",
                     *           "sentAt": "2026-11-29T08:15:23.123Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Outbox"];
                    /** @example <!doctype html><html lang="en"><title>Outbox · Latchkey</title>…</html> */
                    "text/html": string;
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMailPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example <!doctype html><html lang="en">…</html> */
                    "text/html": string;
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getClient: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The module, minified. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example import { createLatchkey } from 'https://auth.example.com/client.js' */
                    "text/javascript": string;
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPasskeysClient: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The module, minified. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example import { signInWithPasskey } from 'https://auth.example.com/client/passkeys.js' */
                    "text/javascript": string;
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getProvidersClient: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The module, minified. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example import { signInWith } from 'https://auth.example.com/client/providers.js' */
                    "text/javascript": string;
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process answers. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok"
                     *     }
                     */
                    "application/json": components["schemas"]["Liveness"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; retry soon. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server is ready. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok",
                     *       "checks": {
                     *         "database": {
                     *           "status": "ok"
                     *         },
                     *         "uploads": {
                     *           "status": "ok"
                     *         },
                     *         "revocationFeed": {
                     *           "status": "ok"
                     *         },
                     *         "mail": {
                     *           "status": "ok"
                     *         },
                     *         "rateLimits": {
                     *           "status": "ok"
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description A dependency has failed.
             *
             *     `overloaded`: The server is busy; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this request, so that its retry returns the same tokens. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "currentPassword": "the password until now",
                 *       "newPassword": "a quite different sentence",
                 *       "newPasswordConfirm": "a quite different sentence"
                 *     }
                 */
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description This session, with new tokens. */
            200: {
                headers: {
                    /**
                     * @description In cookie transport, the refresh token. Signing in also sets `__Host-latchkey-device`, by which the server recognizes the device later; it gives no access. At `http://localhost`, outside production, both cookies lack the prefix and `Secure`.
                     * @example __Host-latchkey-refresh=eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Strict
                     */
                    "Set-Cookie"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /**
             * @description `weak_password`: Choose another password; see errors for the reason.
             *
             *     `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `csrf_rejected`: The Origin header is missing or not allowed.
             *
             *     `wrong_password`: The current password is wrong.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RefreshTokenBody"];
            };
        };
        responses: {
            /** @description The session has ended. */
            200: {
                headers: {
                    /**
                     * @description Makes a browser delete the refresh cookie, if it has one.
                     * @example __Host-latchkey-refresh=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict
                     */
                    "Set-Cookie"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "You are signed out."
                     *     }
                     */
                    "application/json": components["schemas"]["SignedOut"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `csrf_rejected`: The Origin header is missing or not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1",
                     *       "username": "lyshark",
                     *       "email": "lyshark@example.com",
                     *       "name": "Ly Shark",
                     *       "locale": null,
                     *       "role": "user",
                     *       "emailVerified": false,
                     *       "pendingEmail": null,
                     *       "secondFactor": false,
                     *       "createdAt": "2026-11-20T09:58:12.345Z"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description `malformed_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["UriTooLong"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "currentPassword": "the password of an account to delete"
                 *     }
                 */
                "application/json": components["schemas"]["Confirmation"];
            };
        };
        responses: {
            /** @description The account is deleted. */
            204: {
                headers: {
                    /**
                     * @description Makes a browser delete the refresh cookie, if it has one.
                     * @example __Host-latchkey-refresh=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict
                     */
                    "Set-Cookie"?: string;
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `wrong_password`: The current password is wrong. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            /** @description `last_admin`: This is the last enabled administrator; give the role to another account first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Fields that you leave out do not change. Read-only fields are ignored. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserPatch"];
            };
        };
        responses: {
            /** @description The account as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01a1f864-6879-7f3e-8a41-6b0c52d9e7f1",
                     *       "username": "lyshark",
                     *       "email": "lyshark@example.com",
                     *       "name": "Ly Shark",
                     *       "locale": null,
                     *       "role": "user",
                     *       "emailVerified": false,
                     *       "pendingEmail": null,
                     *       "secondFactor": false,
                     *       "createdAt": "2026-11-20T09:58:12.345Z"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request is not valid; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `unauthenticated`: The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid.
             *
             *     `token_expired`: The access token has expired; get a new one at POST /refresh.
             *
             *     `session_ended`: The session has ended; sign in again.
             *
             *     `step_up_required`: Prove who you are before this step: answer the challenge, then repeat the request.
             */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `wrong_password`: The current password is wrong.
             *
             *     `second_factor_missing`: This step needs a second factor, and the account has none; add one first.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /**
             * @description `username_taken`: This username is already taken.
             *
             *     `email_taken`: An account with this e-mail address already exists.
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /**
             * @description `overloaded`: The server is busy; retry soon.
             *
             *     `unavailable`: The database is not available; retry soon.
             */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
