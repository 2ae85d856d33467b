"""python -m treadcoach"""

from treadcoach.cli.main import main

main()
