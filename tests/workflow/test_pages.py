"""Pages: drawn from stored evidence once a run stops, and again when it is another or they are gone."""

from modelwright.workflow.pages import READ, Readable, kind_of, page_path, write_pages
from modelwright.workflow.phases import PHASES


def pages_of(service):
    """Every page of a project and its bytes."""
    return {path.name: path.read_bytes() for path in sorted(service.ports.project.reports.glob("[0-9]*"))}


def test_every_output_named_in_the_table_of_pages_reads_back_as_its_record(finished):
    """Each record on a page can be read from the store as what the table says it is, and be rendered."""
    for number, completion in finished.look().history.completions.items():
        for name, place in READ[number].items():
            if name in completion.outputs:
                record = finished.ports.store.get_record(completion.outputs[name], kind_of(place))
                assert isinstance(record, Readable), (number, name)


def test_a_run_leaves_a_page_of_every_phase_in_two_forms(finished):
    """After a run each phase has its page as HTML and Markdown."""
    for phase in PHASES:
        path = page_path(finished.ports.project, phase)
        assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
        assert path.with_suffix(".md").read_text(encoding="utf-8").startswith("# ")


def test_pages_that_are_up_to_date_are_not_drawn_again(finished):
    """Nothing is written when every page tells of the present evidence."""
    assert finished.write_pages() == ()


def test_a_page_that_is_gone_or_cut_is_drawn_again_with_the_same_bytes(finished):
    """A kill between a phase and its page costs nothing: the page comes out of the evidence."""
    before = pages_of(finished)
    gone, cut = page_path(finished.ports.project, PHASES[2]), page_path(finished.ports.project, PHASES[7])
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:1000])
    assert write_pages(finished.ports, finished.look().history) == (gone, cut)
    assert pages_of(finished) == before


def test_asking_for_a_page_draws_it(finished):
    """Who asks where a page lies finds it there."""
    path = page_path(finished.ports.project, PHASES[4])
    path.unlink()
    assert finished.page_of(5) == path
    assert path.is_file()
