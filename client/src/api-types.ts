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
         * @description OpenAPI 3.1, made from the routes of the server that answers.
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
         * @description The same as `/openapi.json`, for tools and people that prefer YAML.
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
         * @description Makes an account with the role `user` and opens its first session: the answer holds both tokens, so no sign-in has to follow. Usernames and e-mail addresses belong to one account each.
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
         * @description A greeting, the account, and counts of its live sessions and its houses.
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
         * @description Opens a session and answers with its tokens; other sessions of the account go on. A wrong name and a wrong password get the same answer. Repeated wrong passwords lock the account for devices that have not signed in before.
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
         * Trade a refresh token for new tokens
         * @description The refresh token comes in the body, as `Authorization: Bearer`, or in the cookie. Store the new one in its place. A session rotates at most once in 30 seconds; until then the current token and the one before get the same answer (`replayed`). The one before gets it later, too, as long as nobody has used the new tokens, so parallel tabs and lost answers sign nobody out. Any other spent token ends the session, since it may be stolen.
         */
        post: operations["refresh"];
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
         * @description Says who makes a request, from the token alone: no database is read and nothing changes. Gateways ask here before they pass a request on, and read the two headers: nginx (`auth_request`), Traefik (ForwardAuth), Caddy (`forward_auth`), Envoy (`ext_authz`). `/verify` and every address below it answer the same to every method; a query and a body are passed over.
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
         * @description One entry for each device or browser that is signed in. Sessions that ended are not listed.
         */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        /**
         * End all your sessions but this one
         * @description Signs out every other device of the account. Their tokens are refused at once on this server, within 2 seconds on every other. The session that asks goes on.
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
         * @description Signs one device out. Its refresh token is refused from now on, and so is its access token: at once on this server, within 2 seconds on every other. Ending the session that asks is allowed.
         */
        delete: operations["revokeSession"];
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
         * @description With `cursor` (empty to start) the answer has `nextCursor` and no count, and costs the same at any depth. Houses that come or go meanwhile shift nothing: what is there all the time is seen once. A house whose own sort value is changed meanwhile moves to its new place; `createdAt` never changes.
         *
         *     Otherwise the answer is one page with totals, and its Link header (RFC 8288) leads to the others. A page costs more the further back it is.
         *
         *     The filters on text look at every house, so they take longer the more there are; one that needs more than 5 seconds is refused with `overloaded`. Texts are sorted by code point, equal ones by age.
         */
        get: operations["listHouses"];
        put?: never;
        /**
         * Create a house of your own
         * @description Makes a house with version 1 that belongs to you. With an `Idempotency-Key` a repeated request gets the first answer again and makes no second house.
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
         * @description Everybody who is signed in may read every house. `If-None-Match` with the ETag that you have saves the body of a house that has not changed.
         */
        get: operations["getHouse"];
        /**
         * Replace a house that you own
         * @description Writes all the fields anew, and the version grows by one; an address that is left out becomes null. With `If-Match` nothing is written unless the house is still the version that you read. Admins may replace the houses of others.
         */
        put: operations["replaceHouse"];
        post?: never;
        /**
         * Delete a house that you own, with its photos
         * @description Deletes the house and its photos for good; its project number is free again. With `If-Match` nothing is deleted unless the house is still the version that you read. Admins may delete the houses of others.
         */
        delete: operations["deleteHouse"];
        options?: never;
        head?: never;
        /**
         * Change some fields of a house that you own
         * @description Writes the fields that are sent and leaves the others as they are; the version grows by one. With `If-Match` nothing is written unless the house is still the version that you read. Admins may change the houses of others.
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
         * @description Everybody who is signed in may see them. The images are at `url` of each entry.
         */
        get: operations["listPhotos"];
        put?: never;
        /**
         * Add a photo to a house that you own
         * @description The part `file` is the only one. Its content decides what it is; its name and its type are ignored. The image is encoded anew in the same format, upright and in sRGB, and all metadata, places included, is dropped; of an animation the first frame is kept. A house has at most 20 photos.
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
         * @description Answers with the bytes of the image. They never change, so `If-None-Match` with the ETag that you have always saves the body. The access token is needed here, too: load the image with `fetch`, not with `<img src>`.
         */
        get: operations["getPhoto"];
        put?: never;
        post?: never;
        /**
         * Delete a photo of a house that you own
         * @description Deletes the photo and its image for good. Admins may delete the photos of others.
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
         * @description With these keys any service verifies access tokens by itself, without a secret and without asking here. Take the key that the header of a token names by `kid`; fetch the set again when there is none, since keys change.
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
         * @description The same as `/.well-known/oauth-authorization-server`, for libraries that look here first. Latchkey is no OpenID provider: it makes no ID tokens.
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
         * @description For services that are given the issuer alone (RFC 8414): the address of the keys, and what signs tokens. Latchkey is no OAuth 2 server: there is no authorization endpoint.
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
         * @description The error table: JSON, or a page for people where `Accept` asks for HTML.
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
         * @description Explains one error. The `type` of every error answer is this address: JSON, or a page for people where `Accept` asks for HTML.
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
    "/client.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The client, as an ES module
         * @description What the package `@latchkey/client` does, for pages without a build: `import { createLatchkey }` from this address. `baseUrl` may be left out; it is then this server. Open to pages of every origin.
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
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the process answers
         * @description Looks at nothing but the process itself. An orchestrator restarts a server that does not answer.
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
         * Whether the server can do its work, each dependency named
         * @description Asks the database and everything else that requests need. A load balancer sends requests to a server that answers 200; `degraded` is 200, too. A 503 has the same body, and says which dependency has failed.
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
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Figures for Prometheus, where METRICS is on
         * @description Counts and durations of requests and figures of the process, in the text format of Prometheus. 404 unless the setting `METRICS` is on.
         */
        get: operations["getMetrics"];
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
         * @description Replaces the password, ends every other session of the account, and gives this one new tokens: store both. All its older tokens are dead at once. In cookie transport the request needs an allowed `Origin`, since the new refresh token comes in the cookie.
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
         * @description Ends the session that an access token or a refresh token names, over or not; the refresh token may come in any of its three places. All tokens of the session are refused from now on. A bad token, or none, is no error: there is nothing to end, and the answer is the same. The body is looked through as JSON or as a form, whatever its type says; all else in it, and a body over 64 KiB, is passed over.
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
         * @description Answers with the account that the access token belongs to.
         */
        get: operations["getMe"];
        put?: never;
        post?: never;
        /**
         * Delete your account and everything that belongs to it
         * @description Deletes the account for good, with its sessions, houses and photos. All its tokens are refused from now on. The username and the e-mail address are free again.
         */
        delete: operations["deleteMe"];
        options?: never;
        head?: never;
        /**
         * Change your name, e-mail address or username
         * @description Changes the fields that are sent and leaves the others as they are. `"name": null` removes the name. Another e-mail address or username needs `currentPassword`; what you have already, also in other case or with the domain in its other spelling, needs none and is kept as typed. Another address counts as not verified. Sessions go on.
         */
        patch: operations["updateMe"];
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Whether one dependency works. */
        CheckResult: {
            /**
             * @description `degraded`: it works, with less than it should have.
             * @example ok
             * @enum {string}
             */
            status: "ok" | "degraded" | "failed";
            /** @description What is wrong, for operators. */
            detail?: string;
        };
        Confirmation: {
            /**
             * Format: password
             * @description The password of the account, to confirm the step.
             * @example the password of an account to delete
             */
            currentPassword: string;
        };
        Credentials: {
            /**
             * @description The username, or the e-mail address, in any case. White space around it is taken off.
             * @example lyshark
             */
            username?: string;
            /**
             * @description The e-mail address, in place of `username`: one of the two is required.
             * @example lyshark@example.com
             */
            email?: string;
            /**
             * Format: password
             * @description The password as it was chosen; spaces of every kind count as U+0020.
             * @example correct horse battery staple
             */
            password: string;
            /**
             * @description Where the refresh token travels: `body` for apps, servers and command lines, `cookie` for browsers.
             * @example body
             * @enum {string}
             */
            transport?: "body" | "cookie";
        };
        /**
         * @description The same fields as in JSON. An optional field that is empty is an absent one.
         * @example {
         *       "username": "lyshark",
         *       "email": "lyshark@example.com",
         *       "password": "correct horse battery staple",
         *       "transport": "body"
         *     }
         */
        CredentialsForm: {
            /**
             * @description The username, or the e-mail address, in any case. White space around it is taken off.
             * @example lyshark
             */
            username?: string;
            /**
             * @description The e-mail address, in place of `username`: one of the two is required.
             * @example lyshark@example.com
             */
            email?: string;
            /**
             * Format: password
             * @description The password as it was chosen; spaces of every kind count as U+0020.
             * @example correct horse battery staple
             */
            password: string;
            /**
             * @description Where the refresh token travels: `body` for apps, servers and command lines, `cookie` for browsers.
             * @example body
             * @enum {string}
             */
            transport?: "body" | "cookie";
            /**
             * @description Of OAuth 2 clients; may be missing.
             * @enum {string}
             */
            grant_type?: "password";
            /** @description Of OAuth 2 clients; passed over. */
            client_id?: string;
            /** @description Of OAuth 2 clients; passed over. */
            client_secret?: string;
            /** @description Of OAuth 2 clients; passed over. */
            scope?: string;
            /** @description A submit button; passed over. */
            submit?: string;
            /** @description A submit button; passed over. */
            commit?: string;
        };
        /** @description What a start page shows. */
        Dashboard: {
            /**
             * @description Letters, digits, `_`, `.` and `-`; unique without regard to case. White space around it is taken off.
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
             * @description Live sessions of the user.
             * @example 2
             */
            activeSessions: number;
            /**
             * @description Houses that the user owns.
             * @example 1
             */
            houses: number;
        };
        EndedSessions: {
            /**
             * @description How many sessions ended.
             * @example 2
             */
            ended: number;
        };
        /** @description One fault in what was sent. */
        Fault: {
            /** @description JSON pointer (RFC 6901) into the body, or `/name` of a query parameter or header; empty for the whole body. */
            pointer: string;
            /** @description Stable name of the rule that is broken. */
            code: string;
            /** @description The rule, for people. Never repeats what was sent. */
            detail: string;
        };
        /** @description A house, as everybody who is signed in sees it. */
        House: {
            /**
             * @description Id of the house.
             * @example 01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42
             */
            id: string;
            /**
             * @description The project number; no two houses have the same.
             * @example GD-2026-0017
             */
            projectNo: string;
            /**
             * @description The name of the project.
             * @example 海景花园 Sea View Garden
             */
            projectName: string;
            /**
             * @description Where it is; null where that is not known.
             * @example 12 Harbour Road
             */
            projectAddress: string | null;
            /**
             * @description Id of the account.
             * @example 01a1f864-6879-7f3e-8a41-6b0c52d9e7f1
             */
            ownerId: string;
            /**
             * @description Counts the changes; the ETag names it.
             * @example 1
             */
            version: number;
            /**
             * Format: date-time
             * @description When it was made.
             * @example 2026-11-20T10:04:30.250Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it was changed last.
             * @example 2026-11-20T10:04:30.250Z
             */
            updatedAt: string;
        };
        /** @description A part of the list: what a request with `cursor` gets. */
        HouseCursorPage: {
            /** @description The houses. */
            items: components["schemas"]["House"][];
            /**
             * @description Send it as `cursor` for more; null at the end of the list.
             * @example v1.5KUnJcN2x1f0S3bXqk5m2w
             */
            nextCursor: string | null;
        };
        /** @description A whole house; an address that is left out is null. */
        HouseInput: {
            /**
             * @description The project number; no two houses have the same.
             * @example GD-2026-0017
             */
            projectNo: string;
            /**
             * @description The name of the project.
             * @example 海景花园 Sea View Garden
             */
            projectName: string;
            /**
             * @description Where it is; null where that is not known.
             * @example 12 Harbour Road
             */
            projectAddress?: string | null;
        };
        /** @description One page with totals: what a request without `cursor` gets. */
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
        /** @description Fields that are left out stay as they are. What is read-only is passed over. */
        HousePatch: {
            /**
             * @description The project number; no two houses have the same.
             * @example GD-2026-0017
             */
            projectNo?: string;
            /**
             * @description The name of the project.
             * @example 海景花园 Sea View Garden
             */
            projectName?: string;
            /**
             * @description Where it is; null where that is not known.
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
             * @description Counts the changes; the ETag names it.
             * @example 1
             */
            readonly version?: number;
            /**
             * Format: date-time
             * @description When it was made.
             * @example 2026-11-20T10:04:30.250Z
             */
            readonly createdAt?: string;
            /**
             * Format: date-time
             * @description When it was changed last.
             * @example 2026-11-20T10:04:30.250Z
             */
            readonly updatedAt?: string;
        };
        /** @description A whole house; an address that is left out is null. What is read-only is passed over. */
        HouseReplacement: {
            /**
             * @description The project number; no two houses have the same.
             * @example GD-2026-0017
             */
            projectNo: string;
            /**
             * @description The name of the project.
             * @example 海景花园 Sea View Garden
             */
            projectName: string;
            /**
             * @description Where it is; null where that is not known.
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
             * @description Counts the changes; the ETag names it.
             * @example 1
             */
            readonly version?: number;
            /**
             * Format: date-time
             * @description When it was made.
             * @example 2026-11-20T10:04:30.250Z
             */
            readonly createdAt?: string;
            /**
             * Format: date-time
             * @description When it was changed last.
             * @example 2026-11-20T10:04:30.250Z
             */
            readonly updatedAt?: string;
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
        PasswordChange: {
            /**
             * Format: password
             * @description The password until now.
             * @example the password until now
             */
            currentPassword: string;
            /**
             * Format: password
             * @description 8 to 128 characters after Unicode normalization (NFC), with spaces of every kind as U+0020; not a common password; without the username and the name part of the e-mail address.
             * @example a quite different sentence
             */
            newPassword: string;
            /**
             * Format: password
             * @description The new password again; must equal it.
             * @example a quite different sentence
             */
            newPasswordConfirm?: string;
        };
        /** @description What is known of a photo; `url` has the image. */
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
             * @description What the image is served as.
             * @example image/jpeg
             * @enum {string}
             */
            contentType: "image/jpeg" | "image/png" | "image/webp";
            /**
             * @description In pixels, turned upright.
             * @example 1600
             */
            width: number;
            /**
             * @description In pixels, turned upright.
             * @example 1200
             */
            height: number;
            /**
             * @description The size of the image as it is served.
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
             * @description JPEG, PNG or WebP by content; at most 5 MiB and 40 megapixels.
             * @example (the bytes of sea-view.jpg)
             */
            file: Blob;
        };
        /** @description Every error has this form (RFC 9457). */
        Problem: {
            /** @description Address of the page that explains the error. */
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
             * @description Stable name of the error: what programs compare.
             * @enum {string}
             */
            code: "validation_failed" | "malformed_request" | "weak_password" | "unauthenticated" | "invalid_token" | "token_expired" | "session_ended" | "invalid_credentials" | "step_up_required" | "forbidden" | "not_owner" | "csrf_rejected" | "wrong_password" | "not_found" | "method_not_allowed" | "not_acceptable" | "request_timeout" | "username_taken" | "email_taken" | "project_no_taken" | "limit_reached" | "precondition_failed" | "payload_too_large" | "uri_too_long" | "unsupported_media_type" | "idempotency_mismatch" | "rate_limited" | "headers_too_large" | "internal" | "overloaded" | "unavailable";
            /**
             * @description What a client can do. Only `login` means that the session is over.
             * @enum {string}
             */
            action: "fix_request" | "login" | "refresh" | "step_up" | "retry" | "none";
            /** @description All faults of the request, at most 100. */
            errors?: components["schemas"]["Fault"][];
            /** @description Names of the budgets that are used up. */
            "violated-policies"?: string[];
        };
        /** @description A row of the error table. */
        ProblemType: {
            /**
             * @description Address of the page that explains the error.
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
             * @example The access token is over; get a new one at POST /refresh.
             */
            detail: string;
            /**
             * @description What to know about it, in a paragraph.
             * @example The access token is genuine, and it expired, its owner has another role by now, or the password was changed after it. The session lives: refresh and repeat the request.
             */
            explanation: string;
        };
        ProblemTypeList: {
            /** @description All errors, by status. */
            items: components["schemas"]["ProblemType"][];
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
             * @description The name of the key, which the header of a token repeats.
             * @example 01a1f864-2b10-7d2c-b5a7-93c0e8f1d264
             */
            kid: string;
            /**
             * @description The only algorithm that it is used with.
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
             * @description `degraded`: it works, with less than it should have.
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
             *       "rateLimits": {
             *         "status": "ok"
             *       }
             *     }
             */
            checks: {
                [key: string]: components["schemas"]["CheckResult"];
            };
        };
        RefreshTokenBody: {
            /**
             * @description The refresh token, in body transport. Leave it out where it comes as Bearer or in the cookie.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl
             */
            refresh_token?: string;
        };
        /**
         * @description The same fields as in JSON. An optional field that is empty is an absent one.
         * @example {
         *       "refresh_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl"
         *     }
         */
        RefreshTokenBodyForm: {
            /**
             * @description The refresh token, in body transport. Leave it out where it comes as Bearer or in the cookie.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl
             */
            refresh_token?: string;
            /**
             * @description Of OAuth 2 clients; may be missing.
             * @enum {string}
             */
            grant_type?: "refresh_token";
            /** @description Of OAuth 2 clients; passed over. */
            client_id?: string;
            /** @description Of OAuth 2 clients; passed over. */
            client_secret?: string;
            /** @description Of OAuth 2 clients; passed over. */
            scope?: string;
            /** @description A submit button; passed over. */
            submit?: string;
            /** @description A submit button; passed over. */
            commit?: string;
        };
        /** @description A session that goes on, with its new tokens. */
        RefreshedSession: {
            /**
             * @description Send it as `Authorization: Bearer …` to everything protected. A JWT (RFC 9068).
             * @example eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMWExZjg2NC02ODc5In0.c2lnbmF0dXJl
             */
            access_token: string;
            /**
             * @description How the access token is sent (RFC 6750).
             * @enum {string}
             */
            token_type: "Bearer";
            /**
             * @description Seconds until the access token is over.
             * @example 900
             */
            expires_in: number;
            /**
             * @description Trade it for new tokens at `POST /refresh`; keep it secret. Missing in cookie transport.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl
             */
            refresh_token?: string;
            /**
             * @description Seconds until the session is over, unless it is refreshed before.
             * @example 2592000
             */
            refresh_expires_in: number;
            /**
             * @description Seconds from now after which a client had best refresh.
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
             * @description The server's clock, for devices with a wrong one.
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
             * @description `rotated`: the refresh token is a new one. `replayed`: the one that the session has already.
             * @example rotated
             * @enum {string}
             */
            refreshed: "rotated" | "replayed";
        };
        Registration: {
            /**
             * @description Letters, digits, `_`, `.` and `-`; unique without regard to case. White space around it is taken off.
             * @example lyshark
             */
            username: string;
            /**
             * Format: idn-email
             * @description An address that mail can go to: a name part of ASCII without quotes (at most 64 characters), and a domain of at least two labels, in either spelling (UTS 46: `münchen.de` and `xn--mnchen-3ya.de` are one). Unique without regard to case and to the spelling of the domain. It is kept and shown as it was typed; white space around it is taken off.
             * @example lyshark@example.com
             */
            email: string;
            /**
             * Format: password
             * @description 8 to 128 characters after Unicode normalization (NFC), with spaces of every kind as U+0020; not a common password; without the username and the name part of the e-mail address.
             * @example correct horse battery staple
             */
            password: string;
            /**
             * Format: password
             * @description The password again; must equal it.
             * @example correct horse battery staple
             */
            passwordConfirm?: string;
            /**
             * @description Any name, in any script.
             * @example Ly Shark
             */
            name?: string;
            /**
             * @description Where the refresh token travels: `body` for apps, servers and command lines, `cookie` for browsers.
             * @example body
             * @enum {string}
             */
            transport?: "body" | "cookie";
        };
        /**
         * @description The same fields as in JSON. An optional field that is empty is an absent one.
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
             * @description Letters, digits, `_`, `.` and `-`; unique without regard to case. White space around it is taken off.
             * @example lyshark
             */
            username: string;
            /**
             * Format: idn-email
             * @description An address that mail can go to: a name part of ASCII without quotes (at most 64 characters), and a domain of at least two labels, in either spelling (UTS 46: `münchen.de` and `xn--mnchen-3ya.de` are one). Unique without regard to case and to the spelling of the domain. It is kept and shown as it was typed; white space around it is taken off.
             * @example lyshark@example.com
             */
            email: string;
            /**
             * Format: password
             * @description 8 to 128 characters after Unicode normalization (NFC), with spaces of every kind as U+0020; not a common password; without the username and the name part of the e-mail address.
             * @example correct horse battery staple
             */
            password: string;
            /**
             * Format: password
             * @description The password again; must equal it.
             * @example correct horse battery staple
             */
            passwordConfirm?: string;
            /**
             * @description Any name, in any script.
             * @example Ly Shark
             */
            name?: string;
            /**
             * @description Where the refresh token travels: `body` for apps, servers and command lines, `cookie` for browsers.
             * @example body
             * @enum {string}
             */
            transport?: "body" | "cookie";
            /** @description Of OAuth 2 clients; passed over. */
            client_id?: string;
            /** @description Of OAuth 2 clients; passed over. */
            client_secret?: string;
            /** @description Of OAuth 2 clients; passed over. */
            scope?: string;
            /** @description A submit button; passed over. */
            submit?: string;
            /** @description A submit button; passed over. */
            commit?: string;
        };
        /** @description What a service needs to verify tokens (RFC 8414). */
        ServerMetadata: {
            /**
             * Format: uri
             * @description `iss` of every token: the address of this server.
             * @example http://localhost:3000
             */
            issuer: string;
            /**
             * Format: uri
             * @description Where the public keys are.
             * @example http://localhost:3000/.well-known/jwks.json
             */
            jwks_uri: string;
            /**
             * Format: uri
             * @description Takes a name and a password, as a form.
             * @example http://localhost:3000/login
             */
            token_endpoint: string;
            /** @description What the token endpoint takes. */
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
        /** @description A session that was opened or goes on, with its tokens. */
        Session: {
            /**
             * @description Send it as `Authorization: Bearer …` to everything protected. A JWT (RFC 9068).
             * @example eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMWExZjg2NC02ODc5In0.c2lnbmF0dXJl
             */
            access_token: string;
            /**
             * @description How the access token is sent (RFC 6750).
             * @enum {string}
             */
            token_type: "Bearer";
            /**
             * @description Seconds until the access token is over.
             * @example 900
             */
            expires_in: number;
            /**
             * @description Trade it for new tokens at `POST /refresh`; keep it secret. Missing in cookie transport.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl
             */
            refresh_token?: string;
            /**
             * @description Seconds until the session is over, unless it is refreshed before.
             * @example 2592000
             */
            refresh_expires_in: number;
            /**
             * @description Seconds from now after which a client had best refresh.
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
             * @description The server's clock, for devices with a wrong one.
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
             * @description Whether it is the session that asks.
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
             * @description When it was opened or refreshed last.
             * @example 2026-11-20T10:13:10.000Z
             */
            lastUsedAt: string;
            /**
             * Format: date-time
             * @description When it is over, unless it is refreshed before.
             * @example 2026-12-20T10:13:10.000Z
             */
            expiresAt: string;
            /**
             * @description The address that it was used from last.
             * @example 192.0.2.17
             */
            ip: string | null;
            /**
             * @description What the client calls itself.
             * @example Firefox/145.0
             */
            userAgent: string | null;
            /**
             * @description Where the refresh token travels: `body` for apps, servers and command lines, `cookie` for browsers.
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
             * @description For people.
             * @example You are signed out.
             */
            message: string;
        };
        /** @description What a genuine access token says. */
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
             * @description When the user gave a password last.
             * @example 2026-11-20T10:00:00.000Z
             */
            authTime: string;
            /** @description How the user signed in (RFC 8176): `pwd` is a password. */
            amr: string[];
            /**
             * Format: date-time
             * @description When the token is over.
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
             * @description Letters, digits, `_`, `.` and `-`; unique without regard to case. White space around it is taken off.
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
             * @description An `admin` may change what belongs to others.
             * @example user
             * @enum {string}
             */
            role: "user" | "admin";
            /**
             * @description Whether the owner has shown that mail arrives there.
             * @example false
             */
            emailVerified: boolean;
            /**
             * Format: date-time
             * @description When the account was made.
             * @example 2026-11-20T09:58:12.345Z
             */
            createdAt: string;
        };
        /** @description Fields that are left out stay as they are. What is read-only is passed over. */
        UserPatch: {
            /**
             * @description Any name, in any script.
             * @example Ly Shark
             */
            name?: string | null;
            /**
             * Format: idn-email
             * @description An address that mail can go to: a name part of ASCII without quotes (at most 64 characters), and a domain of at least two labels, in either spelling (UTS 46: `münchen.de` and `xn--mnchen-3ya.de` are one). Unique without regard to case and to the spelling of the domain. It is kept and shown as it was typed; white space around it is taken off.
             * @example lyshark@example.com
             */
            email?: string;
            /**
             * @description Letters, digits, `_`, `.` and `-`; unique without regard to case. White space around it is taken off.
             * @example lyshark
             */
            username?: string;
            /**
             * Format: password
             * @description The password of the account; needed where `email` or `username` become another one. It is checked wherever it is sent.
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
             * @description Whether the owner has shown that mail arrives there.
             * @example false
             */
            readonly emailVerified?: boolean;
            /**
             * Format: date-time
             * @description When the account was made.
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
        /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
        Internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
        NotAcceptable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `payload_too_large`: The body is larger than this address accepts. */
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
        /** @description `uri_too_long`: The address of the request is too long. */
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
         * @description What is asked for (RFC 6750): `Bearer`, with `error="invalid_token"` where a token came that is not good.
         * @example Bearer realm="latchkey"
         */
        WwwAuthenticate: string;
        /**
         * @description Seconds to wait.
         * @example 37
         */
        RetryAfter: number;
        /**
         * @description The budget that is used up, what is left of it, and seconds until there is more.
         * @example "login";r=0;t=37
         */
        RateLimit: string;
        /**
         * @description How many requests in how many seconds the budget has.
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
            /** @description `overloaded`: The server is busy; try again soon. */
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
            /** @description `overloaded`: The server is busy; try again soon. */
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
                     * @description In cookie transport, the refresh token. Signing in also sets `__Host-latchkey-device`, by which the device is known from then on; it opens nothing. At `http://localhost`, outside production, both lack the prefix and `Secure`.
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
             */
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
            /**
             * @description `username_taken`: Somebody has this username already.
             *
             *     `email_taken`: An account with this e-mail address exists already.
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
                     *         "role": "user",
                     *         "emailVerified": false,
                     *         "createdAt": "2026-11-20T09:58:12.345Z"
                     *       },
                     *       "activeSessions": 2,
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
                     * @description In cookie transport, the refresh token. Signing in also sets `__Host-latchkey-device`, by which the device is known from then on; it opens nothing. At `http://localhost`, outside production, both lack the prefix and `Secure`.
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_credentials`: The username or the password is wrong. */
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
                /** @description Names this refresh. A retry with the same key gets the same new refresh token until that one has rotated, even where `REFRESH_UNSEEN=off`. */
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
            /** @description The session goes on, with these tokens. */
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `session_ended`: The session is over; sign in again.
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
    verifyToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token is good. */
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; try again soon. */
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
            /** @description The other sessions are over. */
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
            /** @description The session is over. */
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
            /** @description `not_found`: There is nothing at this address. */
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
    listHouses: {
        parameters: {
            query?: {
                /** @description The page, from 1. Not together with `cursor`. */
                page?: string;
                /** @description Houses on a page, 1 to 100; 20 by default. */
                size?: string;
                /** @description Empty to start, then `nextCursor` of the answer before, with the same sort and filters. */
                cursor?: string;
                /** @description With `-` descending; `-createdAt` by default. */
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
                     * @description The other pages (RFC 8288): first, prev, next and last. Missing with `cursor`, and where it would exceed 4 KiB.
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
                /** @description Names this house for 24 hours: repeating the request with the same key gives the same answer and no second house. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description A whole house; an address that is left out is null. */
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
            /** @description `project_no_taken`: A house with this project number exists already. */
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
            /** @description The house is as If-None-Match names it. */
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
            /** @description `not_found`: There is nothing at this address. */
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
        /** @description A whole house; an address that is left out is null. What is read-only is passed over. */
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
            /** @description `not_found`: There is nothing at this address. */
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
            /** @description `project_no_taken`: A house with this project number exists already. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The resource is not in the state that the request asks for. */
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
            /** @description The house is gone. */
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
            /** @description `not_found`: There is nothing at this address. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["RequestTimeout"];
            /** @description `precondition_failed`: The resource is not in the state that the request asks for. */
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
        /** @description Fields that are left out stay as they are. What is read-only is passed over. */
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
            /** @description `not_found`: There is nothing at this address. */
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
            /** @description `project_no_taken`: A house with this project number exists already. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The resource is not in the state that the request asks for. */
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
            /** @description `not_found`: There is nothing at this address. */
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
            /** @description `not_found`: There is nothing at this address. */
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
            /** @description `limit_reached`: There is no room for another one. */
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
            /** @description The image is what If-None-Match names. */
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
            /** @description `not_found`: There is nothing at this address. */
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
            /** @description The photo is gone. */
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
            /** @description `not_found`: There is nothing at this address. */
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
            /** @description The keys. A new one is published well before it signs. */
            200: {
                headers: {
                    /**
                     * @description How long the answer may be kept.
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
            /** @description `overloaded`: The server is busy; try again soon. */
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
                     * @description How long the answer may be kept.
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
            /** @description `overloaded`: The server is busy; try again soon. */
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
                     * @description How long the answer may be kept.
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
            /** @description `overloaded`: The server is busy; try again soon. */
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
                     *           "detail": "The access token is over; get a new one at POST /refresh.",
                     *           "explanation": "The access token is genuine, and it expired, its owner has another role by now, or the password was changed after it. The session lives: refresh and repeat the request."
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
            /** @description `overloaded`: The server is busy; try again soon. */
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
                     *       "detail": "The access token is over; get a new one at POST /refresh.",
                     *       "explanation": "The access token is genuine, and it expired, its owner has another role by now, or the password was changed after it. The session lives: refresh and repeat the request."
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
            /** @description `not_found`: There is nothing at this address. */
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
            /** @description `overloaded`: The server is busy; try again soon. */
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
            /** @description `overloaded`: The server is busy; try again soon. */
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
            /** @description `overloaded`: The server is busy; try again soon. */
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
            /** @description The server can do its work. */
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
             *     `overloaded`: The server is busy; try again soon.
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
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus text. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example # TYPE http_request_duration_seconds histogram
                     *     http_request_duration_seconds_count{method="POST",route="/login",status="200"} 42
                     *     # TYPE latchkey_revocation_feed_lag_seconds gauge
                     *     latchkey_revocation_feed_lag_seconds 0.4
                     */
                    "text/plain": string;
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
            /** @description `not_found`: There is nothing at this address. */
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
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            /** @description `overloaded`: The server is busy; try again soon. */
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
    changePassword: {
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
                     * @description In cookie transport, the refresh token. Signing in also sets `__Host-latchkey-device`, by which the device is known from then on; it opens nothing. At `http://localhost`, outside production, both lack the prefix and `Secure`.
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
            /** @description The session is over. */
            200: {
                headers: {
                    /**
                     * @description Makes a browser drop the refresh cookie, where it has one.
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
                     *       "role": "user",
                     *       "emailVerified": false,
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
            /** @description The account is gone. */
            204: {
                headers: {
                    /**
                     * @description Makes a browser drop the refresh cookie, where it has one.
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
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
        /** @description Fields that are left out stay as they are. What is read-only is passed over. */
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
                     *       "role": "user",
                     *       "emailVerified": false,
                     *       "createdAt": "2026-11-20T09:58:12.345Z"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request has fields that break the rules; see errors.
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
             * @description `unauthenticated`: No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.
             *
             *     `invalid_token`: The token is not valid here.
             *
             *     `token_expired`: The access token is over; get a new one at POST /refresh.
             *
             *     `session_ended`: The session is over; sign in again.
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
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /**
             * @description `username_taken`: Somebody has this username already.
             *
             *     `email_taken`: An account with this e-mail address exists already.
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
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
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
