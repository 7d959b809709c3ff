/** A frontend and a server, and the rules of the doctor that fail when the frontend is listed. */
export type Fact = readonly [frontend: string, server: string, fails?: string]

/**
 * What browsers do with the cookie between two addresses, seen in Chromium 156 (`npm run
 * test:browser` asks the one that is installed), and in Firefox 153, which lets pass what fails for
 * its scheme alone.
 */
export const facts: readonly Fact[] = [
  ['http://localhost:5173', 'http://localhost:3000'],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['http://127.0.0.1:5173', 'http://localhost:3000', 'site'],
  ['http://127.0.0.1:5173', 'http://127.0.0.1:3000'],
  ['http://127.0.0.2:5173', 'http://127.0.0.2:3000'],
  ['http://[::1]:5173', 'http://[::1]:3000'],
  ['http://app.localhost:5173', 'http://localhost:3000', 'site'],
  ['http://a.app.localhost:5173', 'http://b.app.localhost:3000'],
  ['https://localhost:5173', 'http://localhost:3000', 'scheme'],
  ['http://localhost:5173', 'https://localhost:3000', 'scheme'],
  ['https://localhost:5173', 'https://localhost:3000'],
  ['https://app.example.com', 'https://auth.example.com'],
  ['https://example.com', 'https://auth.example.com'],
  ['https://app.example.com', 'https://app.example.com'],
  ['https://app.example.com:8443', 'https://app.example.com'],
  ['https://app.other.com', 'https://auth.example.com', 'site'],
  ['https://front.vercel.app', 'https://auth.vercel.app', 'site'],
  ['https://x.front.vercel.app', 'https://y.front.vercel.app'],
  ['https://vercel.app:8443', 'https://vercel.app'],
  ['https://a.vercel.app', 'https://vercel.app', 'site'],
  ['http://app.example.com', 'https://auth.example.com', 'scheme'],
  ['https://app.example.com', 'http://auth.example.com', 'address scheme'],
  ['http://app.example.com', 'http://app.example.com', 'address'],
  ['http://127.example.com', 'http://127.example.com', 'address'],
  ['https://app.intranet', 'https://auth.intranet', 'site'],
  ['https://a.app.intranet', 'https://b.app.intranet'],
  ['https://intranet:8443', 'https://intranet'],
  ['https://app.example.com.', 'https://auth.example.com', 'site'],
  ['https://app.example.com.', 'https://auth.example.com.'],
  ['https://127.0.0.1:8443', 'https://127.0.0.1'],
  ['https://10.0.0.2', 'https://10.0.0.3', 'site'],
  ['https://a.city.kawasaki.jp', 'https://b.city.kawasaki.jp'],
  ['https://a.x.kawasaki.jp', 'https://b.x.kawasaki.jp', 'site'],
]
