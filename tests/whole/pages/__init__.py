"""The pages in a real browser, over a store that the real pipeline filled."""
