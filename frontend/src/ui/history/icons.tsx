import { drawn, flipping } from '../icons'

export const PlayIcon = flipping('M8 5.500v13l10.500-6.500z')
export const PauseIcon = drawn('M8.500 5.500v13M15.500 5.500v13')
export const PreviousIcon = flipping('M18 6l-8 6 8 6zM6.500 6v12')
export const NextIcon = flipping('M6 6l8 6-8 6zM17.500 6v12')
export const PenIcon = drawn('M4 20h4L19 9l-4-4L4 16z')
export const BinIcon = drawn('M5 7h14M10 7V4.500h4V7M7 7l1 12.500h8L17 7')
