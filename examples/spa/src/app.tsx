import { LocationProvider, Route, Router, useLocation } from 'preact-iso'
import {
  AuthProvider,
  authPages,
  dropOldFlash,
  FlashRegion,
  OfflineBanner,
  StepUpDialog,
} from './auth/index.ts'
import { latchkey } from './latchkey.ts'
import { pages } from './pages/index.ts'
import { NotFoundPage } from './pages/not-found.tsx'
import { Footer } from './shell/footer.tsx'
import { Header } from './shell/header.tsx'
import { SkipLink } from './shell/skip-link.tsx'

/** The whole application: what surrounds the pages, and the pages by their paths. */
export function App() {
  return (
    <LocationProvider>
      <Shell />
    </LocationProvider>
  )
}

function Shell() {
  const { route } = useLocation()
  return (
    <AuthProvider latchkey={latchkey} go={route}>
      <SkipLink />
      <Header />
      <OfflineBanner />
      <Router onRouteChange={dropOldFlash}>
        {Object.entries({ ...pages, ...authPages }).map(([path, component]) => (
          <Route key={path} {...{ path, component }} />
        ))}
        <Route default component={NotFoundPage} />
      </Router>
      <Footer />
      <FlashRegion />
      <StepUpDialog />
    </AuthProvider>
  )
}
