import type { Provider } from '../../config/provider.ts'
import { isReturnUrl } from '../../config/return-urls.ts'
import type { Device } from '../../platform/device.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Challenge } from '../challenges/challenge.ts'
import type { Challenges } from '../challenges/service.ts'
import { attemptOf, begunOf } from './attempt.ts'
import { ProviderUnavailable } from './errors.ts'
import { personText } from './person.ts'
import { AccessDenied, CallbackRefused, type Protocol } from './protocol/protocol.ts'
import { ADD_IDENTITY, PROVIDER_SIGN_IN } from './purposes.ts'

/** How long the client has to answer. */
const ANSWER_MS = 300_000

export type Returning = ReturnType<typeof createReturning>
type Dependencies = {
  providers: ReadonlyMap<string, Provider>
  returnUrls: readonly string[]
  callbackOf: (provider: string) => string
  protocol: Pick<Protocol, 'identify'>
  challenges: Pick<Challenges, 'begin' | 'takeBack'>
  log: Pick<Log, 'info'>
}

/** Takes browsers back from providers, and hands what was learned to the client that began. */
export function createReturning(dependencies: Dependencies) {
  const { providers, returnUrls, callbackOf, protocol, challenges, log } = dependencies

  /**
   * @param parameters of the callback, as they came by query or by form
   * @returns where the browser goes: `returnTo` with a challenge, or an error, in its fragment
   * @throws ChallengeOver where `state` is not of this server, or names an address that is not
   *   listed any more, so that nobody knows where to go
   */
  async function comeBack(
    providerId: string,
    parameters: URLSearchParams,
    device: Device,
  ): Promise<string> {
    const state = parameters.get('state') ?? ''
    const { challenge, secret, isFirst } = await challenges.takeBack(state, isState)
    const begun = begunOf(challenge.data)
    const provider = providers.get(providerId)
    const isSame = provider !== undefined && provider.id === begun.provider
    if (!isFirst || !isSame) return withFragment(begun.returnTo, { error: 'challenge_over' })
    const attempt = attemptOf(state, secret, callbackOf(provider.id))
    const found = await protocol.identify(provider, attempt, parameters).then(
      (person) => ({ challenge: continued(challenge, personText(person, begun), device) }),
      (error) => ({ error: codeOf(error, provider) }),
    )
    return withFragment(begun.returnTo, found)
  }

  /** A state lives on in browsers and logs: where it leads, the settings say at the time. */
  function isState({ purpose, data }: Challenge): boolean {
    const isBegun = purpose === PROVIDER_SIGN_IN || purpose === ADD_IDENTITY
    return isBegun && isReturnUrl(returnUrls, begunOf(data).returnTo)
  }

  function continued(begun: Challenge, data: string, device: Device): string {
    const { purpose, userId, credentialVersion, sessionId, transport } = begun
    const account =
      userId === null || credentialVersion === null ? undefined : { id: userId, credentialVersion }
    const { token } = challenges.begin({
      ...{ purpose, account, data, device, lifeMs: ANSWER_MS },
      ...(sessionId === null ? {} : { sessionId }),
      ...(transport === null ? {} : { transport }),
    })
    return token
  }

  /** The code for the client. A refused callback is a line in the log: its state was genuine. */
  function codeOf(error: unknown, { id: provider }: Provider): string {
    if (ProviderUnavailable.is(error)) return 'provider_unavailable'
    const isRefused = error instanceof CallbackRefused
    if (!isRefused && !(error instanceof AccessDenied)) throw error
    log.info({ provider, reason: error.message }, 'a callback of a provider was refused')
    return isRefused ? 'challenge_over' : 'access_denied'
  }

  return { comeBack }
}

/** Behind `#`, so that no server and no `Referer` gets it. */
function withFragment(returnTo: string, fields: Record<string, string>): string {
  return `${returnTo}#${new URLSearchParams(fields)}`
}
