import type { ComponentChildren } from 'preact'
import { t } from '../i18n'
import { root } from '../place'
import { Mark } from './icons'

interface InsteadProps {
  heading: string
  text: string
  /** Why what the user tried here did not work; '' for nothing. */
  problem: string
  /** What the user can do, beside going to the start page. */
  children: ComponentChildren
}

/** What stands in place of a document that is not shown. */
export const Instead = ({ heading, text, problem, children }: InsteadProps) => (
  <main class="missing">
    <a href={root} class="home" aria-label={t('app.home')}>
      <Mark />
    </a>
    <h1>{heading}</h1>
    <p role="alert">{text}</p>
    <p class="actions">
      {children}
      <a class="button" href={root}>
        {t('missing.start')}
      </a>
    </p>
    <p class="problem" role="alert">
      {problem}
    </p>
  </main>
)
