import type { User } from './session.ts'

/** What one tab tells the others. No token is in it: they have the cookie, or the storage. */
export type News = {
  sessionId: string
  /** Whether the session is over; otherwise somebody has signed in. */
  isOver?: boolean
  /** The session goes on, and this is its user from now on. */
  user?: User
}

type Channel = {
  postMessage(news: News): void
  onmessage: ((event: { data: News }) => void) | null
  unref?(): void
}

/**
 * Tells the other tabs of the browser, and hears of them, where `shared` names a channel and the platform has
 * them (Broadcast Channel API).
 */
export function createTabs(shared: string | undefined) {
  const { BroadcastChannel } = globalThis as unknown as {
    BroadcastChannel?: new (name: string) => Channel
  }
  const channel = shared && BroadcastChannel ? new BroadcastChannel(shared) : undefined
  // Node would not end while it listens.
  channel?.unref?.()

  return {
    tell: (news: News): void => channel?.postMessage(news),
    listen(hear: (news: News) => void): void {
      if (channel) channel.onmessage = ({ data }) => hear(data)
    },
  }
}
