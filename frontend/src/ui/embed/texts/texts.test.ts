import { testTexts } from '../../../testing/texts'
import ar from './ar'
import de from './de'
import { en } from './en'
import es from './es'
import fr from './fr'
import ja from './ja'
import zh from './zh'

testTexts({ ar, de, en, es, fr, ja, zh })
