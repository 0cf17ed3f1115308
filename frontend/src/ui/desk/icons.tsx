import { drawn } from '../icons'

export const TagIcon = drawn('M4 4h8l8 8-8 8-8-8zM8.500 8.500h.01')
export const TrashIcon = drawn(
  'M4.500 7h15M9.500 7V4.500h5V7M6.500 7l1 12.500h9l1-12.500M10 10.500v5.500M14 10.500v5.500',
)
