import { texts } from './en'

export default texts({
  'opening.failed': '无法打开此文档',
  expiring: '您的访问权限将在一分钟后结束。要继续编辑,请重新加载包含此文档的页面。',
  expired: '您的访问权限已过期。您输入的内容保留在此处,待包含此文档的页面再次允许您访问后保存。',
  'token.expired': '包含此文档的页面很久以前为您登录。请重新加载该页面。',
  'token.invalid': '包含此文档的页面无法为您登录:其令牌无效。',
  'token.origin': '包含此文档的页面无法为您登录:其令牌不适用于 {origin}。',
  'token.busy': '无法连接服务器,或服务器繁忙。请稍后重试。',
})
