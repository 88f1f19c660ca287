"""`python -m workbench.tui.commands > docs/keys.md`"""

import sys

from workbench.tui.commands import markdown

sys.stdout.write(markdown())
