// What an application embeds: README.md beside this file says how.
export { AuthProvider, PATHS, useAuth, useSession, useUser } from './context.tsx'
export { SignedIn, SignedOut } from './guards.tsx'
export { authPages } from './pages.ts'
export { authTexts } from './texts/index.ts'
export * from './ui/index.ts'
