import type { Provider } from '../../../config/provider.ts'
import type { ApiError } from '../../../platform/errors/api-error.ts'
import type { Log } from '../../../platform/log/log.ts'
import { ProviderUnavailable } from '../errors.ts'
import { createGithub } from './github.ts'
import { createOpenid, type OpenidOptions } from './openid.ts'
import { AccessDenied, CallbackRefused, type Protocol } from './protocol.ts'
import { reasonOf } from './unusable.ts'

type Dependencies = OpenidOptions & { log: Pick<Log, 'warn'> }

/** Talks to providers in the way of each, and logs why one cannot be used. */
export function createProtocol({ log, ...options }: Dependencies): Protocol {
  const ways = { oidc: createOpenid(options), github: createGithub(options) }
  const logged = new WeakSet<object>()

  /** Sign-ins that wait for one discovery share its error: it is logged once. */
  function unavailable(provider: Provider, error: unknown): ApiError {
    const isNew = !(error instanceof Error) || !logged.has(error)
    if (error instanceof Error) logged.add(error)
    // A provider may repeat what it was sent.
    const reason = reasonOf(error).replaceAll(provider.clientSecret || '\0', '…')
    if (isNew) log.warn({ provider: provider.id, reason }, 'a provider cannot be used')
    return ProviderUnavailable()
  }

  async function asking<Answer>(provider: Provider, ask: (way: Protocol) => Promise<Answer>) {
    try {
      return await ask(ways[provider.protocol])
    } catch (error) {
      if (error instanceof CallbackRefused || error instanceof AccessDenied) throw error
      throw unavailable(provider, error)
    }
  }

  return {
    authorizationUrl: (provider, attempt) =>
      asking(provider, (way) => way.authorizationUrl(provider, attempt)),
    identify: (provider, attempt, parameters) =>
      asking(provider, (way) => way.identify(provider, attempt, parameters)),
  }
}
