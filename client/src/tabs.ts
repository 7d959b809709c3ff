import type { User } from './session-body.ts'

/** Message to the other tabs, without tokens: they share the cookie or the storage. */
export type TabMessage = {
  sessionId: string
  /** The session has ended. Without this and `user`, somebody has signed in. */
  hasEnded?: boolean
  /** The user's new data. */
  user?: User
}

type Channel = {
  postMessage(message: TabMessage): void
  onmessage: ((event: { data: TabMessage }) => void) | null
  unref?(): void
}

/** Messages between tabs, if `shared` names a channel and the platform has BroadcastChannel. */
export function createTabs(shared: string | undefined) {
  const { BroadcastChannel } = globalThis as unknown as {
    BroadcastChannel?: new (name: string) => Channel
  }
  const channel = shared && BroadcastChannel ? new BroadcastChannel(shared) : undefined
  // An open channel keeps Node running.
  channel?.unref?.()

  return {
    send: (message: TabMessage): void => channel?.postMessage(message),
    listen(listener: (message: TabMessage) => void): void {
      if (channel) channel.onmessage = ({ data }) => listener(data)
    },
  }
}
