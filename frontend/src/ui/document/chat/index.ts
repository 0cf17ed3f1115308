export { ChatPanel } from './ChatPanel'
export { Conversation } from './conversation'
