import type { ComponentChildren } from 'preact'
import { t } from '../../i18n'
import type { Kind } from '../../sync/wire'
import { CodeIcon, MarkdownIcon, RichIcon, TextIcon } from '../icons'

export const KIND_ICONS: Record<Kind, () => preact.JSX.Element> = {
  rich: RichIcon,
  markdown: MarkdownIcon,
  text: TextIcon,
  code: CodeIcon,
}

interface Shown {
  readonly kind: Kind
  readonly title: string
}

export const titleOf = ({ kind, title }: Shown) => title || t(`kind.${kind}.untitled`)

interface RowProps {
  document: Shown
  /** Where it is; none for what cannot be opened. */
  href?: string
  about: string
  tags?: readonly string[]
  /** What can be done with it. */
  children: ComponentChildren
}

/** A document in a list. */
export function Row({ document, href, about, tags = [], children }: RowProps) {
  const KindIcon = KIND_ICONS[document.kind] ?? TextIcon
  const inside = (
    <>
      <span class={`badge ${document.kind}`}>
        <KindIcon />
      </span>
      <span class="recent-title">
        <bdi>{titleOf(document)}</bdi>
      </span>
      <span class="recent-about">
        {tags.map((tag) => (
          <bdi key={tag} class="tag">
            {tag}
          </bdi>
        ))}
        {about}
      </span>
    </>
  )
  return (
    <li>
      {href ? (
        <a class="document" href={href}>
          {inside}
        </a>
      ) : (
        <div class="document">{inside}</div>
      )}
      {children}
    </li>
  )
}
