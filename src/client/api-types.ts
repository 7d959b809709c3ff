// Made from openapi.yaml by "npm run openapi"; not for editing.

export interface paths {
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document as JSON */
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
        /** This document as YAML */
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
        /** Create an account and sign in */
        post: operations["register"];
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
        /** Read your account */
        get: operations["getMe"];
        put?: never;
        post?: never;
        /** Delete your account and everything that belongs to it */
        delete: operations["deleteMe"];
        options?: never;
        head?: never;
        /** Change your name, e-mail address or username */
        patch: operations["updateMe"];
        trace?: never;
    };
    "/dashboard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what a start page shows */
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
        /** Sign in with a username or an e-mail address */
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
         * @description The token comes in the body, as Authorization: Bearer, or in the cookie. Repeating a refresh within the grace window, or with the same Idempotency-Key, gives the same new token again.
         */
        post: operations["refresh"];
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
         * @description Takes an access token, or a refresh token in any of its places, over or not. Without one there is nothing to end, which is fine too.
         */
        post: operations["logout"];
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
         * @description Answers from the token alone, without a database read.
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
        /** List your live sessions, last used first */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        /** End all your sessions but this one */
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
        /** End one of your sessions */
        delete: operations["revokeSession"];
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
        /** Change your password and end your other sessions */
        put: operations["changePassword"];
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
         * @description With `cursor` (empty to start) the answer has `nextCursor` and no count, and costs the same at any depth. Houses that come or go meanwhile shift nothing: what is there all the time is seen once. A house whose own sort value is changed meanwhile moves to its new place; `createdAt` never changes.
         *
         *     Otherwise the answer is one page with totals, and its Link header (RFC 8288) leads to the others. A page costs more the further back it is.
         *
         *     The filters on text look at every house, so they take longer the more there are; one that needs more than 5 seconds is refused with `overloaded`. Texts are sorted by code point, equal ones by age.
         */
        get: operations["listHouses"];
        put?: never;
        /** Create a house of your own */
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
        /** Read a house */
        get: operations["getHouse"];
        /** Replace a house that you own */
        put: operations["replaceHouse"];
        post?: never;
        /** Delete a house that you own, with its photos */
        delete: operations["deleteHouse"];
        options?: never;
        head?: never;
        /** Change some fields of a house that you own */
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
        /** List the photos of a house, oldest first */
        get: operations["listPhotos"];
        put?: never;
        /**
         * Add a photo to a house that you own
         * @description The part `file` is the only one. Its content decides what it is; its name and its type are ignored. The
         *     image is encoded anew in the same format, upright and in sRGB, and all metadata, places included, is
         *     dropped. Of an animation the first frame is kept. A house has at most 20 photos.
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
        /** Read the image of a photo */
        get: operations["getPhoto"];
        put?: never;
        post?: never;
        /** Delete a photo of a house that you own */
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
        /** Read the public keys that verify access tokens */
        get: operations["getJwks"];
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
        /** All the errors that the server answers with */
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
        /** What an error means */
        get: operations["getProblem"];
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
        /** Whether the process answers */
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
        /** Whether the server can do its work, each dependency named */
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
        /** Figures for Prometheus, where METRICS is on */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description RFC 9457 problem details. */
        Problem: {
            /** @description Address of the page that explains the error. */
            type: string;
            title: string;
            status: number;
            /** @description What happened, for people. */
            detail: string;
            /** @description The request id, as in X-Request-Id. */
            instance: string;
            /**
             * @description Stable; programs switch on it.
             * @enum {string}
             */
            code: "validation_failed" | "malformed_request" | "weak_password" | "unauthenticated" | "invalid_token" | "token_expired" | "session_ended" | "invalid_credentials" | "step_up_required" | "forbidden" | "not_owner" | "csrf_rejected" | "not_found" | "method_not_allowed" | "not_acceptable" | "request_timeout" | "username_taken" | "email_taken" | "project_no_taken" | "limit_reached" | "precondition_failed" | "payload_too_large" | "uri_too_long" | "unsupported_media_type" | "idempotency_mismatch" | "rate_limited" | "headers_too_large" | "internal" | "overloaded" | "unavailable";
            /**
             * @description What a client can do. Only `login` means that the session is over.
             * @enum {string}
             */
            action: "fix_request" | "login" | "refresh" | "step_up" | "retry" | "none";
            /** @description All the faults of a request, each by JSON pointer. */
            errors?: {
                pointer: string;
                code: string;
                detail: string;
            }[];
            /** @description Names of the budgets that are used up. */
            "violated-policies"?: string[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
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
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                    [name: string]: unknown;
                };
                content: {
                    "application/yaml": string;
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                "application/json": {
                    /** @example lyshark */
                    username: string;
                    /**
                     * Format: email
                     * @example lyshark@example.com
                     */
                    email: string;
                    /**
                     * Format: password
                     * @description 8 to 128 characters after Unicode normalization (NFC); not a common password; without the username and the name part of the e-mail address.
                     * @example correct horse battery staple
                     */
                    password: string;
                    /**
                     * Format: password
                     * @example correct horse battery staple
                     */
                    passwordConfirm?: string;
                    /**
                     * @description Any name in any script.
                     * @example Ada
                     */
                    name?: string;
                    /** @enum {string} */
                    transport?: "body" | "cookie";
                };
                "application/x-www-form-urlencoded": {
                    /** @example lyshark */
                    username: string;
                    /**
                     * Format: email
                     * @example lyshark@example.com
                     */
                    email: string;
                    /**
                     * Format: password
                     * @description 8 to 128 characters after Unicode normalization (NFC); not a common password; without the username and the name part of the e-mail address.
                     * @example correct horse battery staple
                     */
                    password: string;
                    /**
                     * Format: password
                     * @example correct horse battery staple
                     */
                    passwordConfirm?: string;
                    /**
                     * @description Any name in any script.
                     * @example Ada
                     */
                    name?: string;
                    /** @enum {string} */
                    transport?: "body" | "cookie";
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description A JWT (RFC 9068): send it as Authorization: Bearer. */
                        access_token: string;
                        /** @enum {string} */
                        token_type: "Bearer";
                        /** @description Seconds until the access token is over. */
                        expires_in: number;
                        /** @description Only in body transport; keep it secret. */
                        refresh_token?: string;
                        refresh_expires_in: number;
                        /** @description Seconds until a client had best refresh. */
                        refreshAfter: number;
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        sessionId: string;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        serverTime: string;
                        user: {
                            /**
                             * @description A lower-case UUIDv7.
                             * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                             */
                            id: string;
                            /** @example lyshark */
                            username: string;
                            /**
                             * Format: email
                             * @example lyshark@example.com
                             */
                            email: string;
                            name: string | null;
                            /** @enum {string} */
                            role: "user" | "admin";
                            emailVerified: boolean;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            createdAt: string;
                        };
                        /** @description For people, not for programs. */
                        message: string;
                    };
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request has fields that break the rules; see errors.
             *
             *     `weak_password`: Choose another password; see errors for the reason.
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
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
            /** @description `payload_too_large`: The body is larger than this address accepts. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Send the body as application/json. */
            415: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        id: string;
                        /** @example lyshark */
                        username: string;
                        /**
                         * Format: email
                         * @example lyshark@example.com
                         */
                        email: string;
                        name: string | null;
                        /** @enum {string} */
                        role: "user" | "admin";
                        emailVerified: boolean;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        createdAt: string;
                    };
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
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                "application/json": {
                    /**
                     * Format: password
                     * @example correct horse battery staple
                     */
                    currentPassword: string;
                };
            };
        };
        responses: {
            /** @description The account is gone */
            204: {
                headers: {
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
             *
             *     `invalid_credentials`: The username or the password is wrong.
             */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this address accepts. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Send the body as application/json. */
            415: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Any name in any script.
                     * @example Ada
                     */
                    name?: string | null;
                    /**
                     * Format: email
                     * @example lyshark@example.com
                     */
                    email?: string;
                    /** @example lyshark */
                    username?: string;
                    /**
                     * Format: password
                     * @example correct horse battery staple
                     */
                    currentPassword?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        id: string;
                        /** @example lyshark */
                        username: string;
                        /**
                         * Format: email
                         * @example lyshark@example.com
                         */
                        email: string;
                        name: string | null;
                        /** @enum {string} */
                        role: "user" | "admin";
                        emailVerified: boolean;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        createdAt: string;
                    };
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
             *
             *     `invalid_credentials`: The username or the password is wrong.
             */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
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
            /** @description `payload_too_large`: The body is larger than this address accepts. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Send the body as application/json. */
            415: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example lyshark */
                        logged_in_as: string;
                        /** @description For people, not for programs. */
                        message: string;
                        user: {
                            /**
                             * @description A lower-case UUIDv7.
                             * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                             */
                            id: string;
                            /** @example lyshark */
                            username: string;
                            /**
                             * Format: email
                             * @example lyshark@example.com
                             */
                            email: string;
                            name: string | null;
                            /** @enum {string} */
                            role: "user" | "admin";
                            emailVerified: boolean;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            createdAt: string;
                        };
                        /** @description Live sessions of the user. */
                        activeSessions: number;
                        /** @description Houses that the user owns. */
                        houses: number;
                    };
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
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                "application/json": {
                    /**
                     * @description The username, or the e-mail address.
                     * @example lyshark
                     */
                    username: string;
                    /**
                     * Format: password
                     * @example correct horse battery staple
                     */
                    password: string;
                    /** @enum {string} */
                    transport?: "body" | "cookie";
                };
                "application/x-www-form-urlencoded": {
                    /**
                     * @description The username, or the e-mail address.
                     * @example lyshark
                     */
                    username: string;
                    /**
                     * Format: password
                     * @example correct horse battery staple
                     */
                    password: string;
                    /** @enum {string} */
                    transport?: "body" | "cookie";
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description A JWT (RFC 9068): send it as Authorization: Bearer. */
                        access_token: string;
                        /** @enum {string} */
                        token_type: "Bearer";
                        /** @description Seconds until the access token is over. */
                        expires_in: number;
                        /** @description Only in body transport; keep it secret. */
                        refresh_token?: string;
                        refresh_expires_in: number;
                        /** @description Seconds until a client had best refresh. */
                        refreshAfter: number;
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        sessionId: string;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        serverTime: string;
                        user: {
                            /**
                             * @description A lower-case UUIDv7.
                             * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                             */
                            id: string;
                            /** @example lyshark */
                            username: string;
                            /**
                             * Format: email
                             * @example lyshark@example.com
                             */
                            email: string;
                            name: string | null;
                            /** @enum {string} */
                            role: "user" | "admin";
                            emailVerified: boolean;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            createdAt: string;
                        };
                        /** @description For people, not for programs. */
                        message: string;
                    };
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this address accepts. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Send the body as application/json. */
            415: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                /** @description Names this refresh: repeating it with the same key gives the same new token. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description The refresh token, in body transport. */
                    refresh_token?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description A JWT (RFC 9068): send it as Authorization: Bearer. */
                        access_token: string;
                        /** @enum {string} */
                        token_type: "Bearer";
                        /** @description Seconds until the access token is over. */
                        expires_in: number;
                        /** @description Only in body transport; keep it secret. */
                        refresh_token?: string;
                        refresh_expires_in: number;
                        /** @description Seconds until a client had best refresh. */
                        refreshAfter: number;
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        sessionId: string;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        serverTime: string;
                        user: {
                            /**
                             * @description A lower-case UUIDv7.
                             * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                             */
                            id: string;
                            /** @example lyshark */
                            username: string;
                            /**
                             * Format: email
                             * @example lyshark@example.com
                             */
                            email: string;
                            name: string | null;
                            /** @enum {string} */
                            role: "user" | "admin";
                            emailVerified: boolean;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            createdAt: string;
                        };
                        /** @description For people, not for programs. */
                        message: string;
                        /** @enum {string} */
                        refreshed: "rotated" | "replayed";
                    };
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this address accepts. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Send the body as application/json. */
            415: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                "application/json": {
                    /** @description The refresh token, in body transport. */
                    refresh_token?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: string;
                    };
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
            /** @description `csrf_rejected`: The Origin header is missing or not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this address accepts. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Send the body as application/json. */
            415: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        sub: string;
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        sid: string;
                        role: string;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        authTime: string;
                        amr: string[];
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        expiresAt: string;
                    };
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
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /**
                             * @description A lower-case UUIDv7.
                             * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                             */
                            id: string;
                            current: boolean;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            lastUsedAt: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            expiresAt: string;
                            ip: string | null;
                            userAgent: string | null;
                            /** @enum {string} */
                            transport: "body" | "cookie";
                        }[];
                    };
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
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description How many sessions ended. */
                        ended: number;
                    };
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
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                /** @description A lower-case UUIDv7. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session is over */
            204: {
                headers: {
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                "application/json": {
                    /**
                     * Format: password
                     * @example correct horse battery staple
                     */
                    currentPassword: string;
                    /**
                     * Format: password
                     * @description 8 to 128 characters after Unicode normalization (NFC); not a common password; without the username and the name part of the e-mail address.
                     * @example correct horse battery staple
                     */
                    newPassword: string;
                    /**
                     * Format: password
                     * @example correct horse battery staple
                     */
                    newPasswordConfirm?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description A JWT (RFC 9068): send it as Authorization: Bearer. */
                        access_token: string;
                        /** @enum {string} */
                        token_type: "Bearer";
                        /** @description Seconds until the access token is over. */
                        expires_in: number;
                        /** @description Only in body transport; keep it secret. */
                        refresh_token?: string;
                        refresh_expires_in: number;
                        /** @description Seconds until a client had best refresh. */
                        refreshAfter: number;
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        sessionId: string;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        serverTime: string;
                        user: {
                            /**
                             * @description A lower-case UUIDv7.
                             * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                             */
                            id: string;
                            /** @example lyshark */
                            username: string;
                            /**
                             * Format: email
                             * @example lyshark@example.com
                             */
                            email: string;
                            name: string | null;
                            /** @enum {string} */
                            role: "user" | "admin";
                            emailVerified: boolean;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            createdAt: string;
                        };
                        /** @description For people, not for programs. */
                        message: string;
                    };
                };
            };
            /**
             * @description `malformed_request`: The request could not be read.
             *
             *     `validation_failed`: The request has fields that break the rules; see errors.
             *
             *     `weak_password`: Choose another password; see errors for the reason.
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
             *
             *     `invalid_credentials`: The username or the password is wrong.
             */
            401: {
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this address accepts. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Send the body as application/json. */
            415: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                /** @description The page, from 1. */
                page?: string;
                /** @description Houses on a page, 1 to 100; 20 by default. */
                size?: string;
                /** @description Empty to start, then `nextCursor`, with the same sort and filters. */
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
            /** @description Houses */
            200: {
                headers: {
                    /** @description Of a page: first, prev, next and last; left out where it would exceed 4 KiB. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /**
                             * @description A lower-case UUIDv7.
                             * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                             */
                            id: string;
                            /**
                             * @description Unique.
                             * @example GD-2026-0017
                             */
                            projectNo: string;
                            /** @example 海景花园 Sea View Garden */
                            projectName: string;
                            /** @example 12 Harbour Road */
                            projectAddress: string | null;
                            /**
                             * @description A lower-case UUIDv7.
                             * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                             */
                            ownerId: string;
                            /** @description Counts the changes; the ETag names it. */
                            version: number;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            updatedAt: string;
                        }[];
                        page: number;
                        size: number;
                        totalItems: number;
                        totalPages: number;
                    } | {
                        items: {
                            /**
                             * @description A lower-case UUIDv7.
                             * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                             */
                            id: string;
                            /**
                             * @description Unique.
                             * @example GD-2026-0017
                             */
                            projectNo: string;
                            /** @example 海景花园 Sea View Garden */
                            projectName: string;
                            /** @example 12 Harbour Road */
                            projectAddress: string | null;
                            /**
                             * @description A lower-case UUIDv7.
                             * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                             */
                            ownerId: string;
                            /** @description Counts the changes; the ETag names it. */
                            version: number;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            updatedAt: string;
                        }[];
                        /** @description Null at the end of the list. */
                        nextCursor: string | null;
                    };
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
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Unique.
                     * @example GD-2026-0017
                     */
                    projectNo: string;
                    /** @example 海景花园 Sea View Garden */
                    projectName: string;
                    /** @example 12 Harbour Road */
                    projectAddress?: string | null;
                };
            };
        };
        responses: {
            /** @description The house */
            201: {
                headers: {
                    /** @description The path of the house. */
                    Location?: string;
                    /** @description The version, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        id: string;
                        /**
                         * @description Unique.
                         * @example GD-2026-0017
                         */
                        projectNo: string;
                        /** @example 海景花园 Sea View Garden */
                        projectName: string;
                        /** @example 12 Harbour Road */
                        projectAddress: string | null;
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        ownerId: string;
                        /** @description Counts the changes; the ETag names it. */
                        version: number;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        createdAt: string;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        updatedAt: string;
                    };
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
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `project_no_taken`: A house with this project number exists already. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this address accepts. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Send the body as application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                /** @description A lower-case UUIDv7. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The house */
            200: {
                headers: {
                    /** @description The version, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        id: string;
                        /**
                         * @description Unique.
                         * @example GD-2026-0017
                         */
                        projectNo: string;
                        /** @example 海景花园 Sea View Garden */
                        projectName: string;
                        /** @example 12 Harbour Road */
                        projectAddress: string | null;
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        ownerId: string;
                        /** @description Counts the changes; the ETag names it. */
                        version: number;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        createdAt: string;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        updatedAt: string;
                    };
                };
            };
            /** @description The house is as If-None-Match names it */
            304: {
                headers: {
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                /** @description A lower-case UUIDv7. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Unique.
                     * @example GD-2026-0017
                     */
                    projectNo: string;
                    /** @example 海景花园 Sea View Garden */
                    projectName: string;
                    /** @example 12 Harbour Road */
                    projectAddress?: string | null;
                };
            };
        };
        responses: {
            /** @description The house */
            200: {
                headers: {
                    /** @description The version, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        id: string;
                        /**
                         * @description Unique.
                         * @example GD-2026-0017
                         */
                        projectNo: string;
                        /** @example 海景花园 Sea View Garden */
                        projectName: string;
                        /** @example 12 Harbour Road */
                        projectAddress: string | null;
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        ownerId: string;
                        /** @description Counts the changes; the ETag names it. */
                        version: number;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        createdAt: string;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        updatedAt: string;
                    };
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
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
            /** @description `payload_too_large`: The body is larger than this address accepts. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Send the body as application/json. */
            415: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                /** @description A lower-case UUIDv7. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The house is gone */
            204: {
                headers: {
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
            /** @description `rate_limited`: Too many requests; wait as long as Retry-After says. */
            429: {
                headers: {
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                /** @description A lower-case UUIDv7. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Unique.
                     * @example GD-2026-0017
                     */
                    projectNo?: string;
                    /** @example 海景花园 Sea View Garden */
                    projectName?: string;
                    /** @example 12 Harbour Road */
                    projectAddress?: string | null;
                };
            };
        };
        responses: {
            /** @description The house */
            200: {
                headers: {
                    /** @description The version, for If-Match. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        id: string;
                        /**
                         * @description Unique.
                         * @example GD-2026-0017
                         */
                        projectNo: string;
                        /** @example 海景花园 Sea View Garden */
                        projectName: string;
                        /** @example 12 Harbour Road */
                        projectAddress: string | null;
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        ownerId: string;
                        /** @description Counts the changes; the ETag names it. */
                        version: number;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        createdAt: string;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        updatedAt: string;
                    };
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
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
            /** @description `payload_too_large`: The body is larger than this address accepts. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Send the body as application/json. */
            415: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                /** @description A lower-case UUIDv7. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /**
                             * @description A lower-case UUIDv7.
                             * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                             */
                            id: string;
                            /**
                             * @description The path of the image on this server.
                             * @example /houses/01932c07-209f-7c5d-a3b2-5a1f6c0d9e42/photos/01932c08-11aa-7c5d-9b1e-0d9e425a1f6c
                             */
                            url: string;
                            /** @enum {string} */
                            contentType: "image/jpeg" | "image/png" | "image/webp";
                            /** @description In pixels, turned upright. */
                            width: number;
                            height: number;
                            /** @description The size of the image as it is served. */
                            bytes: number;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC.
                             * @example 2026-11-20T10:00:00.000Z
                             */
                            createdAt: string;
                        }[];
                    };
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                /** @description A lower-case UUIDv7. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /**
                     * Format: binary
                     * @description JPEG, PNG or WebP by content; at most 5 MiB and 40 megapixels.
                     */
                    file: Blob;
                };
            };
        };
        responses: {
            /** @description The photo */
            201: {
                headers: {
                    /** @description The path of the image. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description A lower-case UUIDv7.
                         * @example 01932c07-209f-7c5d-a3b2-5a1f6c0d9e42
                         */
                        id: string;
                        /**
                         * @description The path of the image on this server.
                         * @example /houses/01932c07-209f-7c5d-a3b2-5a1f6c0d9e42/photos/01932c08-11aa-7c5d-9b1e-0d9e425a1f6c
                         */
                        url: string;
                        /** @enum {string} */
                        contentType: "image/jpeg" | "image/png" | "image/webp";
                        /** @description In pixels, turned upright. */
                        width: number;
                        height: number;
                        /** @description The size of the image as it is served. */
                        bytes: number;
                        /**
                         * Format: date-time
                         * @description RFC 3339, UTC.
                         * @example 2026-11-20T10:00:00.000Z
                         */
                        createdAt: string;
                    };
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `limit_reached`: There is no room for another one. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this address accepts. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Send the body as application/json. */
            415: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                /** @description A lower-case UUIDv7. */
                id: string;
                /** @description A lower-case UUIDv7. */
                photoId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The image */
            200: {
                headers: {
                    /** @description The id: an image never changes. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": Blob;
                    "image/png": Blob;
                    "image/webp": Blob;
                };
            };
            /** @description The image is what If-None-Match names */
            304: {
                headers: {
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                /** @description A lower-case UUIDv7. */
                id: string;
                /** @description A lower-case UUIDv7. */
                photoId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The photo is gone */
            204: {
                headers: {
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        keys: {
                            /** @enum {string} */
                            kty: "EC";
                            /** @enum {string} */
                            crv: "P-256";
                            x: string;
                            y: string;
                            kid: string;
                            /** @enum {string} */
                            alg: "ES256";
                            /** @enum {string} */
                            use: "sig";
                        }[];
                    };
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            type: string;
                            title: string;
                            status: number;
                            code: string;
                            action: string;
                            detail: string;
                            explanation: string;
                        }[];
                    };
                    "text/html": string;
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The error. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        type: string;
                        title: string;
                        status: number;
                        code: string;
                        action: string;
                        detail: string;
                        explanation: string;
                    };
                    "text/html": string;
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
            /** @description `not_found`: There is nothing at this address. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
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
                    /**
                     * @description Seconds to wait.
                     * @example 37
                     */
                    "Retry-After"?: number;
                    /**
                     * @description The budget that is used up, what is left of it, and seconds until there is more.
                     * @example "login";r=0;t=37
                     */
                    RateLimit?: string;
                    /**
                     * @description How many requests in how many seconds the budget has.
                     * @example "login";q=60;w=60
                     */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                    };
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
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
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok" | "degraded" | "failed";
                        checks: {
                            [key: string]: {
                                /** @enum {string} */
                                status: "ok" | "degraded" | "failed";
                                detail?: string;
                            };
                        };
                    };
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
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
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
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
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
            /** @description `not_found`: There is nothing at this address. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_acceptable`: The Accept header excludes everything that this address can answer with. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something went wrong on the server; it is in the log under this request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The server is busy; try again soon.
             *
             *     `unavailable`: The database cannot be reached; try again soon.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
