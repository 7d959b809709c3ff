interface ImportMetaEnv {
  /** Address of Latchkey, or its path on the origin of this application. */
  readonly VITE_API_URL?: string
}
