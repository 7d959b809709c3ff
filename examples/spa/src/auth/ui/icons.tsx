import type { ComponentChildren } from 'preact'

// Outlines of 24 × 24, in the colour of the text beside them. They say nothing that no word says.

const drawings = {
  menu: <path d="M4 7h16M4 12h16M4 17h16" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  alert: (
    <path d="M12 8v5m0 3.5v.01M10.3 4.2 2.6 17.6A2 2 0 0 0 4.3 20.5h15.4a2 2 0 0 0 1.7-2.9L13.7 4.2a2 2 0 0 0-3.4 0Z" />
  ),
  eye: (
    <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z" />
  ),
  eyeOff: (
    <path d="m4 4 16 16M9.9 5.8A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-2.7 3.4M6.4 7.6A16.4 16.4 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4.6-1.3M9.9 9.9a3 3 0 0 0 4.2 4.2" />
  ),
  key: <path d="M9 19.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM12.2 11.8 20 4m-4 4 3 3" />,
  mail: (
    <path d="M4 5.5h16a1.5 1.5 0 0 1 1.5 1.5v10a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 17V7A1.5 1.5 0 0 1 4 5.5Zm-1 2 9 6 9-6" />
  ),
  passkey: (
    <path d="M9.5 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm4 3.3A8 8 0 0 0 2 20.5h11M18 15.5a2.5 2.5 0 1 0-1-4.8 2.5 2.5 0 0 0 1 4.8Zm0 0v6m0-3h2" />
  ),
  phone: (
    <path d="M8 2.5h8A1.5 1.5 0 0 1 17.5 4v16a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 20V4A1.5 1.5 0 0 1 8 2.5Zm3 16h2" />
  ),
  laptop: <path d="M6 4.5h12A1.5 1.5 0 0 1 19.5 6v9.5h-15V6A1.5 1.5 0 0 1 6 4.5Zm-3.5 14.5h19" />,
  shield: (
    <path d="M12 21.5c5-2 7.5-5.5 7.5-10v-6L12 2.5l-7.5 3v6c0 4.5 2.5 8 7.5 10Zm-3-10 2.200 2.200L15.200 9.5" />
  ),
  clock: <path d="M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17Zm0-13.5v5l3.5 2" />,
  paper: (
    <path d="M6.5 2.5h8l4 4v13.5a1.5 1.5 0 0 1-1.5 1.5h-10.5A1.5 1.5 0 0 1 5 20V4a1.5 1.5 0 0 1 1.5-1.5Zm2.5 9h6m-6 4h6" />
  ),
  download: (
    <path d="M12 3.5v11m0 0-4-4m4 4 4-4M4.5 16v2.5A1.5 1.5 0 0 0 6 20h12a1.5 1.5 0 0 0 1.5-1.5V16" />
  ),
  arrowLeft: <path d="M19.5 12h-15m0 0 6-6m-6 6 6 6" />,
  sun: (
    <path d="M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5v2m0 15v2M2.5 12h2m15 0h2M5.3 5.3l1.4 1.4m10.6 10.6 1.4 1.4m0-13.4-1.4 1.4M6.7 17.3l-1.4 1.4" />
  ),
  moon: <path d="M20.5 14.5A8.5 8.5 0 0 1 9.5 3.5a8.5 8.5 0 1 0 11 11Z" />,
  system: <path d="M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17Zm0-17v17a8.5 8.5 0 0 0 0-17Z" />,
  globe: (
    <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3.5 12h17M12 3c2.5 2.5 3.7 5.7 3.7 9s-1.2 6.5-3.7 9c-2.5-2.5-3.7-5.7-3.7-9S9.5 5.5 12 3Z" />
  ),
  user: <path d="M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 8.5a7.5 7.5 0 0 1 15 0" />,
  signOut: (
    <path d="M10 4H5.5A1.5 1.5 0 0 0 4 5.5v13A1.5 1.5 0 0 0 5.5 20H10m5-4 4-4-4-4m4 4H9.5" />
  ),
  offline: (
    <path d="m4 4 16 16M8.5 8.2A11 11 0 0 0 4.5 10.5M12 7.5a11 11 0 0 1 7.5 3M7.5 14a7 7 0 0 1 4-1.9M16 13.5l.5.5M12 18v.01" />
  ),
} satisfies Record<string, ComponentChildren>

export type IconName = keyof typeof drawings

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      {drawings[name]}
    </svg>
  )
}
