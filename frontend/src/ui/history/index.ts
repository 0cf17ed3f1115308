export { AuthorsBar } from './AuthorsBar'
export { HistoryDialog } from './HistoryDialog'
export { NewsBar } from './NewsBar'
