import type { ComponentChildren } from 'preact'

function Icon({ children, flips }: { children: ComponentChildren; flips?: boolean }) {
  return (
    <svg
      class={flips ? 'icon flips' : 'icon'}
      viewBox="0 0 24 24"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

/** An icon of lines in a square of 24 units. */
export const drawn = (path: string) => () => (
  <Icon>
    <path d={path} />
  </Icon>
)

/** Points along the line, and so the other way where one writes from right to left. */
export const flipping = (path: string) => () => (
  <Icon flips>
    <path d={path} />
  </Icon>
)

const letter = (text: string, style: string) => () => (
  <span class={`icon letter ${style}`} aria-hidden="true">
    {text}
  </span>
)

/** The mark: an open gathering of leaves, which is what a quire is. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--brand)" />
      <path
        d="M8 9.200c3-1.400 5.700-1 8 .9 2.300-1.900 5-2.300 8-.9v13.600c-3-1.400-5.700-1-8 .9-2.300-1.900-5-2.300-8-.9z"
        fill="#fff"
      />
      <path d="M16 10.200v13.400" stroke="var(--brand)" stroke-width="1.600" />
    </svg>
  )
}

export const RichIcon = flipping('M5 5h14M5 10h9M5 15h14M5 20h7')
export const MarkdownIcon = drawn('M3 6h18v12H3zM6.500 15V9l2.500 3 2.500-3v6M17 9v6m-2-2 2 2 2-2')
export const TextIcon = drawn('M5 7V5h14v2M12 5v14M9 19h6')
export const CodeIcon = drawn('m8 7-5 5 5 5M16 7l5 5-5 5M13.500 5l-3 14')
export const LinkIcon = drawn(
  'M10 14a4 4 0 0 0 6 .4l3-3a4.200 4.200 0 0 0-6-6l-1.500 1.500M14 10a4 4 0 0 0-6-.4l-3 3a4.200 4.200 0 0 0 6 6l1.500-1.500',
)
export const CheckIcon = drawn('m5 13 4.500 4.500L19 7')
export const CloseIcon = drawn('M6 6l12 12M18 6 6 18')
export const SettingsIcon = drawn(
  'M4 7h8M18 7h2M15 4.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5zM4 17h2M12 17h8M9 14.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z',
)
export const ChatIcon = drawn('M4 5h16v11H11l-4.500 4v-4H4zM8 9.200h8M8 12h5')
export const HistoryIcon = drawn(
  'M4.500 12a7.500 7.500 0 1 0 2.400-5.500L4 9M4 4.500V9h4.500M12 8v4.500l3 2',
)
export const PeopleIcon = drawn(
  'M9 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM3 20c0-3.500 2.700-5.500 6-5.500s6 2 6 5.500M16 5.500a3 3 0 0 1 0 6M18 15c2 .7 3 2.500 3 5',
)
export const CommandsIcon = drawn('M4 7h16M4 12h16M4 17h16')
export const ColourIcon = drawn('M6 16 12 4l6 12M8.500 11.500h7M5 20h14')
export const ImageIcon = drawn('M4 5h16v14H4zM4 16l5-5 4.500 4.500 2.500-2.500 4 4M15.500 9h.01')
export const FindIcon = drawn('M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15.500 15.500 20 20')
export const HeadingIcon = letter('H', 'bold')
export const WrapIcon = flipping('M4 6h16M4 12h13a3 3 0 0 1 0 6h-4m2-2-2 2 2 2M4 18h5')
export const WriteIcon = drawn('M4 20h4L19 9l-4-4L4 16zM13 7l4 4')
export const SplitIcon = drawn('M4 5h16v14H4zM12 5v14')
export const ReadIcon = drawn(
  'M2.500 12C5 7.500 8.200 5.500 12 5.500s7 2 9.500 6.500c-2.500 4.500-5.700 6.500-9.500 6.500s-7-2-9.500-6.500zM12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z',
)
export const UndoIcon = flipping('M8 5 4 9l4 4M4 9h9.500a5.500 5.500 0 0 1 0 11H9')
export const RedoIcon = flipping('m16 5 4 4-4 4M20 9h-9.500a5.500 5.500 0 0 0 0 11H15')
export const BulletIcon = flipping('M9 6h11M9 12h11M9 18h11M4.500 6h.01M4.500 12h.01M4.500 18h.01')
export const OrderedIcon = drawn(
  'M10 6h10M10 12h10M10 18h10M4 4.500 5.500 4v4M4 15.500c0-1.700 2.500-1.700 2.500 0 0 1.200-2.500 2-2.500 3.500h2.700',
)
export const CheckListIcon = flipping(
  'M11 6h9M11 12h9M11 18h9M3.500 6 5 7.500 8 4.500M3.500 16.500h4v4h-4z',
)
export const QuoteIcon = drawn(
  'M9.500 7C6.500 8 5 10 5 13v4h5v-5H7.500M19 7c-3 1-4.500 3-4.500 6v4h5v-5H17',
)
export const CodeBlockIcon = drawn(
  'M4 5h16v14H4zM9 9.500 6.800 12 9 14.500M15 9.500l2.200 2.500-2.200 2.500',
)
export const InlineCodeIcon = drawn('m8.500 8-4 4 4 4M15.500 8l4 4-4 4')
export const BoldIcon = letter('B', 'bold')
export const ItalicIcon = letter('I', 'italic')
export const UnderlineIcon = letter('U', 'underline')
export const StrikeIcon = letter('S', 'strike')
