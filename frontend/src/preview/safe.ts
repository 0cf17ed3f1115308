import DOMPurify, { type Config } from 'dompurify'

/** Every element that a document may have. */
const TAGS =
  'a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p picture pre q rp rt ruby s samp section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr'
/** And every attribute. No class, no style and no name: a document must not look like a part of the page. */
const ATTRIBUTES =
  'align alt cite colspan datetime dir height href id lang open reversed rowspan scope span src start title type width'

/** HTML from a document as nodes that can do no harm. Only the attribute `mark` passes beside the known ones. */
export function safe(html: string, mark: string): DocumentFragment {
  const config: Config & { RETURN_DOM_FRAGMENT: true } = {
    ALLOWED_TAGS: TAGS.split(' '),
    ALLOWED_ATTR: [...ATTRIBUTES.split(' '), mark],
    ALLOWED_URI_REGEXP:
      /^(?:https?:|mailto:|tel:|data:image\/(?:png|gif|jpeg|webp|avif);|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i,
    ADD_DATA_URI_TAGS: [],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    // An element named like a property of the document would stand in for it.
    SANITIZE_NAMED_PROPS: true,
    RETURN_DOM_FRAGMENT: true,
  }
  return DOMPurify.sanitize(html, config)
}
