"""Long work: asked for by a page, done in blocks by `manage.py worker`, fetched when ready.

`kinds` declares what can be done, `asking` puts it down, `work` does it, `views` shows it. A room
declares work of its own so:

    @job_kind
    def import_rows(work):
        work.plan(len(blocks))
        for number in range(work.step, len(blocks)):
            rows = read(blocks[number])  # what takes time, before the block
            with work.block(f"已导入 {number + 1} 段"):
                save(rows)  # holds together with the step, once

A view asks for it with `ask(import_rows, {...}, owner=request.user, ...)` and redirects to the job.
"""
