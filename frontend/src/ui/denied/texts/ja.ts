import { texts } from './en'

export default texts({
  heading: 'このドキュメントを開く権限がありません',
  text: '所有者があなたと共有していないか、共有をやめました。アドレスを教えてくれた人に確認してください。',
  trashed: 'このドキュメントはゴミ箱にあります',
  'trashed.mine': { other: 'あと {count} 日間、元の状態に復元できます。' },
  'trashed.stays': '元の状態に復元できます。',
  'trashed.others': '所有者がゴミ箱に移しました。所有者は復元できます。',
  restore: '復元',
})
