import { texts } from './en'

export default texts({
  heading: '你无权访问此文档',
  text: '文档的所有者没有与你共享，或已停止共享。请询问给你地址的人。',
  trashed: '此文档在回收站中',
  'trashed.mine': { other: '{count} 天内你可以把它恢复原样。' },
  'trashed.stays': '你可以把它恢复原样。',
  'trashed.others': '文档的所有者把它移到了回收站，可以恢复它。',
  restore: '恢复',
})
