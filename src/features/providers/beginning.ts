import type { Provider } from '../../config/provider.ts'
import { isReturnUrl } from '../../config/return-urls.ts'
import type { ProviderRedirect } from '../../contract/challenge.ts'
import type { Issue } from '../../platform/errors/api-error.ts'
import { ValidationFailed } from '../../platform/errors/table.ts'
import type { SessionId } from '../../platform/ids.ts'
import { networkOf } from '../../platform/network.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { Caller, StartFields } from '../challenges/purpose.ts'
import type { Challenges } from '../challenges/service.ts'
import type { User } from '../users/user.ts'
import { attemptOf, begunText } from './attempt.ts'
import type { Protocol } from './protocol/protocol.ts'

/** How long the browser may be at the provider. */
const AWAY_MS = 600_000
/** Whose session asks, where an account is to get an identity. */
export type Asking = { account: User; sessionId: SessionId }

export type Beginning = ReturnType<typeof createBeginning>
type Dependencies = {
  providers: ReadonlyMap<string, Provider>
  returnUrls: readonly string[]
  /** The address of the callback of a provider. */
  callbackOf: (provider: string) => string
  protocol: Pick<Protocol, 'authorizationUrl'>
  challenges: Pick<Challenges, 'begin' | 'secretOf'>
  rateLimits: Pick<RateLimits<'provider_network'>, 'consume'>
}

/** Sends browsers to providers. All that has to come back is sealed into `state`. */
export function createBeginning(dependencies: Dependencies) {
  const { providers, returnUrls, callbackOf, protocol, challenges, rateLimits } = dependencies

  /**
   * @throws ValidationFailed for a provider or an address that the settings do not list,
   *   RateLimited, ProviderUnavailable
   */
  async function begin(
    purpose: string,
    fields: StartFields,
    { device }: Caller,
    asking?: Asking,
  ): Promise<ProviderRedirect> {
    const { codeChallenge = '', returnTo = '', transport } = fields
    const provider = requireListed(fields.provider, returnTo)
    await rateLimits.consume('provider_network', networkOf(device.ip ?? ''))
    const data = begunText({ provider: provider.id, codeChallenge, returnTo })
    // Nobody can answer it: its token comes back by the browser.
    const how = { methods: [], lifeMs: AWAY_MS, transport, data, device }
    const { token: state, expiresIn } = challenges.begin({ purpose, ...how, ...asking })
    const attempt = attemptOf(state, challenges.secretOf(state), callbackOf(provider.id))
    const url = await protocol.authorizationUrl(provider, attempt)
    return { url: url.href, expiresIn }
  }

  function requireListed(id: string | undefined, returnTo: string): Provider {
    const provider = providers.get(id ?? '')
    if (provider && isReturnUrl(returnUrls, returnTo)) return provider
    const code = 'not_allowed'
    const wrong: Issue = provider
      ? { pointer: '/returnTo', code, detail: ({ fields }) => fields.returnToNotListed }
      : { pointer: '/provider', code, detail: ({ fields }) => fields.unknownProvider }
    throw ValidationFailed({ errors: [wrong] })
  }

  return { begin }
}
