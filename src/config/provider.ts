/** An outside provider that signs people in, as the settings `OIDC_…` describe it. */
export type Provider = {
  /** As `OIDC_PROVIDERS` names it, and the path of its callback: `google`. */
  readonly id: string
  /** Shown to people. */
  readonly name: string
  /** `oidc`: OpenID Connect by discovery. `github`: OAuth 2.0, without discovery and ID token. */
  readonly protocol: 'oidc' | 'github'
  /** Exactly as its discovery document names it. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly scope: string
  /** How it sends the browser back; `form_post` only where a scope needs it (Apple). */
  readonly responseMode: 'query' | 'form_post'
  /** The claim that says whether its e-mail address is verified. */
  readonly verifiedClaim: 'email_verified' | 'xms_edov'
  /**
   * `verified`: an address counts as verified where the claim says so. `always`: any address does,
   * for one tenant whose addresses are its own. `never`: none does.
   */
  readonly trustEmail: 'verified' | 'always' | 'never'
  /** Values of `acr` or `amr` that mean it has asked for a second factor. */
  readonly trustMfa: readonly string[]
}
