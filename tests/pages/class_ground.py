"""What the browser's tests of a class's grid share."""

DESK = {"width": 1280, "height": 900}
SAVED = "#grid-status:has-text('All saved')"


def shown(page, row, column):
    """The text of a cell; row and column count from 1."""
    return page.inner_text(f"#class-grid tbody tr:nth-child({row}) td:nth-of-type({column})")


def focused(page):
    """[row, column] of the focus, both from 1, the names being column 0."""
    return page.evaluate("[document.activeElement.parentElement.sectionRowIndex + 1, document.activeElement.cellIndex]")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def kept(page):
    """What the browser keeps of edits."""
    return page.evaluate("Object.entries(localStorage).filter(([name]) => name.startsWith('credence-edits-'))")
