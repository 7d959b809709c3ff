/** A door at night with a light in it, and the key beside it; in the colours of the theme. */
export function WelcomePicture() {
  return (
    <svg class="welcome-picture" viewBox="0 0 400 320" aria-hidden="true">
      <circle cx="200" cy="160" r="150" fill="var(--accent-soft)" />
      <path d="M40 282h320" stroke="var(--line-strong)" stroke-width="3" stroke-linecap="round" />
      <g fill="var(--card)" stroke="var(--accent)" stroke-width="4" stroke-linejoin="round">
        <path d="M104 282V138l86-70 86 70v144Z" />
        <path d="M160 282v-86a30 30 0 0 1 60 0v86Z" fill="var(--accent)" />
      </g>
      <path
        d="m84 154 106-87 106 87"
        fill="none"
        stroke="var(--accent)"
        stroke-width="12"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
      <g fill="var(--on-accent)">
        <circle cx="190" cy="224" r="9" />
        <path d="M186 228h8l4 24h-16Z" />
      </g>
      <circle
        cx="190"
        cy="128"
        r="13"
        fill="var(--warn-soft)"
        stroke="var(--accent)"
        stroke-width="4"
      />
      <g fill="none" stroke="var(--accent)" stroke-width="9" stroke-linecap="round">
        <circle cx="316" cy="222" r="20" fill="var(--card)" />
        <path d="M316 242v60m0-8h16m-16-18h12" stroke-linejoin="round" />
      </g>
      <g fill="none" stroke="var(--line-strong)" stroke-width="4" stroke-linecap="round">
        <path d="M64 282v-34m0 12-14-12m14 20 14-14" />
      </g>
    </svg>
  )
}
