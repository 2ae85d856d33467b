"""python -m treadcoach"""

from treadcoach.cli.entry import main

main()
