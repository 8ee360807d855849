"""Re-run the notebooks and clean them, so that what is committed is small and the same
on every machine.

Usage: python tools/refresh_notebooks.py [NOTEBOOK ...]     (all of them, if none is
named)
"""

import base64
import io
import sys
from pathlib import Path

import nbformat
import PIL.Image
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[1]
# A page without the kernel could not show it.
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
COLORS = 128


def refresh(path):
    """Run a notebook in its own folder, clean it, and write it back; raise an error
    that names a failing cell.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": path.parent}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise SystemExit(
            f"{path.name}, cell {failed_cell(notebook)}:\n{error}"
        ) from None
    notebook.metadata = {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    count = 0
    for cell in notebook.cells:
        cell.metadata = {
            key: cell.metadata[key]
            for key in ("alt", "cellView", "jupyter", "tags")
            if key in cell.metadata
        }
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            place, alt = f"{path.name}, cell {cell.id}", cell.metadata.get("alt", "")
            cleaned = [clean(output, count, place, alt) for output in cell.outputs]
            cell.outputs = merge_streams(cleaned)
    nbformat.validate(notebook)
    path.write_text(
        nbformat.writes(notebook, indent=1) + "\n", encoding="utf-8", newline="\n"
    )


def failed_cell(notebook):
    """The id of the cell that raised an error: the only one whose output is of that
    kind, since the run stops there.
    """
    outputs = [
        (cell.id, output)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]
    return [cell_id for cell_id, output in outputs if output.output_type == "error"][-1]


def clean(output, count, place, alt):
    """An output without what differs from machine to machine; an error if the cell
    wrote to stderr.
    """
    if output.output_type == "stream" and output.name == "stderr":
        raise RuntimeError(f"{place} wrote to stderr: {output.text}")
    if output.output_type == "execute_result":
        output.execution_count = count
    if "data" in output:
        output.data.pop(WIDGET_VIEW, None)
        output.metadata = about_picture(output, alt)
        if "image/png" in output.data:
            output.data["image/png"] = fewer_colors(output.data["image/png"])
    return output


def about_picture(output, alt):
    """What a page must know of a picture: its size there, and words that stand for it.

    A figure has its words in the metadata of its cell; others bring their own.
    """
    if "image/png" not in output.data:
        return {}
    about = dict(output.metadata.get("image/png", {}))
    about.setdefault("alt", alt)
    return {"image/png": about}


def fewer_colors(png):
    """The picture (base64) with a palette of colours, if that makes it smaller.

    A moving picture has one already, and keeps its frames.
    """
    picture = io.BytesIO()
    image = PIL.Image.open(io.BytesIO(base64.b64decode(png)))
    if getattr(image, "is_animated", False):
        return png.strip()
    image = image.convert("RGB")
    image.quantize(COLORS, dither=PIL.Image.Dither.NONE).save(
        picture, "png", optimize=True
    )
    return min(base64.b64encode(picture.getvalue()).decode(), png.strip(), key=len)


def merge_streams(outputs):
    """Pieces of one stream, which arrive in varying portions, put together."""
    merged = []
    for output in outputs:
        if (
            merged
            and output.output_type == merged[-1].output_type == "stream"
            and output.name == merged[-1].name
        ):
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        notebook_path = Path(name).resolve()
        refresh(notebook_path)
        print(f"{notebook_path.name}: {notebook_path.stat().st_size / 1000:.0f} kB")
