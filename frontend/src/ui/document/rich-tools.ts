// What is around rich text, and comes with it.
export { SlashList } from './SlashList'
export { Toolbar } from './Toolbar'
