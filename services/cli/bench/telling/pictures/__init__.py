"""Pictures as inline SVG: colours come from the page's style, so that they follow light and dark."""
