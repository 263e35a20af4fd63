"""Imports on the desk: tables and the registry's file, with the differences before anything
changes; and the same tables to take away."""

from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField

from subnotify.config import Settings
from subnotify.operations.export_registry import RegistryFormat, export_csv, export_registry
from subnotify.operations.import_files import DifferencesChanged
from subnotify.operations.load_transfer_reference import reference_in_use
from subnotify.operations.propose_import import (
    apply_proposal,
    compare_again,
    discard_proposal,
    propose_import,
)
from subnotify.operations.source_files import MOST_FILES, SourceFile, recognise_file
from subnotify.rules.csv_layouts import EXPORTED, LAYOUTS, ImportKind
from subnotify.rules.csv_tables import LARGEST_BYTES
from subnotify.rules.errors import NotFound, Problem, ProblemsFound, RuleError
from subnotify.rules.words import Role
from subnotify.storage.database import begin_read_only, db
from subnotify.storage.import_proposals import get_proposal, list_proposals
from subnotify.web.access import current_operator, needs_password_again, needs_role, request_at
from subnotify.web.forms_base import PageForm
from subnotify.web.import_views import PAGE_SIZE, proposal_view
from subnotify.web.language import page_wording
from subnotify.wording.imports import import_kind_words, import_problem_words

imports = Blueprint("imports", __name__, url_prefix="/desk/imports")

MAY_IMPORT = (Role.LEGAL, Role.PUBLISHER)
MOST_PROBLEMS = 100
LISTED = 20
# What a form's own fields and the parts' headers take beside the files.
_BESIDE_FILES = 64 * 1024


class UploadForm(PageForm):
    files = MultipleFileField(_l("Files"))

    def sent(self) -> list[FileStorage]:
        """The files chosen; a browser sends an empty one where none was."""
        return [x for x in self.files.data or [] if isinstance(x, FileStorage) and x.filename]


class ApplyForm(PageForm):
    """What is confirmed: the differences that the page showed."""

    shown = HiddenField()


@imports.url_value_preprocessor
def allow_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """The upload may be larger than other forms. Said before anything reads the request."""
    if endpoint == "imports.upload" and request.method == "POST":
        request.max_content_length = LARGEST_BYTES + _BESIDE_FILES


@imports.route("")
@needs_role(*MAY_IMPORT)
def show_imports() -> str:
    return _imports_page(UploadForm())


@imports.route("", methods=["POST"])
@needs_role(*MAY_IMPORT)
def upload() -> ResponseReturnValue:
    """Keep the files with what they would change, and show it. Nothing else changes."""
    form = UploadForm()
    if not form.validate():
        return _imports_page(form), 422
    sent = form.sent()
    if not sent:
        form.refuse_with(_("Choose one or more files"), form.files)
        return _imports_page(form), 422
    if len(sent) > MOST_FILES:
        form.refuse_with(_("Choose %(n)s files at most", n=MOST_FILES), form.files)
        return _imports_page(form), 422
    try:
        proposal_id = propose_import(
            db.session(),
            _recognised(sent),
            by=current_operator(),
            at=request_at(),
            zone=_settings().zone,
        )
    except ProblemsFound as refusal:
        return _imports_page(form, refusal.problems), 422
    except RuleError as refusal:
        form.refuse(refusal, form.files)
        return _imports_page(form), 422
    return redirect(url_for(".show_proposal", proposal_id=proposal_id), code=303)


@imports.route("/<int:proposal_id>")
@needs_role(*MAY_IMPORT)
def show_proposal(proposal_id: int) -> str:
    """The differences as they were last computed."""
    return _proposal_page(proposal_id)


@imports.route("/<int:proposal_id>/apply", methods=["POST"])
@needs_role(*MAY_IMPORT)
@needs_password_again
def apply(proposal_id: int) -> ResponseReturnValue:
    """Import exactly what was shown, or show what it would be now."""
    shown = ApplyForm().shown.data or ""

    def import_it() -> None:
        apply_proposal(
            db.session(),
            proposal_id,
            shown=shown,
            by=current_operator(),
            at=request_at(),
            zone=_settings().zone,
        )
        flash(_("The import is done."))

    def import_or_compare() -> None:
        try:
            import_it()
        except DifferencesChanged as refusal:
            _compare(proposal_id)
            flash(_(refusal.message), "warning")

    return _stepped(proposal_id, import_or_compare)


@imports.route("/<int:proposal_id>/compare", methods=["POST"])
@needs_role(*MAY_IMPORT)
def compare(proposal_id: int) -> ResponseReturnValue:
    """Compute the differences anew."""

    def compare_it() -> None:
        _compare(proposal_id)
        flash(_("The differences are those of now."))

    return _stepped(proposal_id, compare_it)


@imports.route("/<int:proposal_id>/discard", methods=["POST"])
@needs_role(*MAY_IMPORT)
def discard(proposal_id: int) -> ResponseReturnValue:
    """Forget the import and its files."""
    discard_proposal(db.session(), proposal_id, by=current_operator())
    flash(_("The import is discarded. Nothing was changed."))
    return redirect(url_for(".show_imports"), code=303)


@imports.route("/export/<name>.csv")
@needs_role(*MAY_IMPORT)
def export(name: str) -> Response:
    """One table as it is stored. Semicolons on French pages, as spreadsheets there expect."""
    if name not in [kind.value for kind in EXPORTED]:
        raise NotFound
    separator = ";" if page_wording().language == "fr" else ","
    content = export_csv(db.session(), ImportKind(name), separator=separator)
    return _download(content, "text/csv", f"{name}.csv")


@imports.route("/export/registry.<form>")
@needs_role(*MAY_IMPORT)
def export_file(form: str) -> Response:
    """Vendor, services and list as one file, with drafts and internal notes."""
    if form not in set(RegistryFormat):
        raise NotFound
    content = export_registry(db.session(), RegistryFormat(form))
    return _download(content, f"application/{form}", f"registry.{form}")


def _download(content: bytes, mimetype: str, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _stepped(proposal_id: int, step: Callable[[], None]) -> ResponseReturnValue:
    """Do a step of a proposal, then show it; with the problems where it was refused."""
    try:
        step()
    except ProblemsFound as refusal:
        begin_read_only(db.session())
        return _proposal_page(proposal_id, refusal.problems), 422
    return redirect(url_for(".show_proposal", proposal_id=proposal_id), code=303)


def _compare(proposal_id: int) -> None:
    operator, at, zone = current_operator(), request_at(), _settings().zone
    compare_again(db.session(), proposal_id, by=operator, at=at, zone=zone)


def _recognised(sent: list[FileStorage]) -> list[SourceFile]:
    """The files, or every one that cannot be read."""
    files: list[SourceFile] = []
    problems: list[Problem] = []
    for one in sent:
        try:
            files.append(recognise_file(one.filename or "", one.read()))
        except ProblemsFound as refusal:
            problems += refusal.problems
    if problems:
        raise ProblemsFound(tuple(problems))
    return files


def _imports_page(form: UploadForm, problems: tuple[Problem, ...] = ()) -> str:
    w = page_wording()
    operator = current_operator()
    if not db.session().in_transaction():
        begin_read_only(db.session())
    return render_template(
        "desk/imports/imports.html",
        form=form,
        problems=_words(problems),
        layouts=[(layout, import_kind_words(layout.kind, w)) for layout in LAYOUTS],
        exported=[(x.value, f"{x.value}.csv", import_kind_words(x, w)) for x in EXPORTED],
        registry_files=[(x.value, f"registry.{x.value}") for x in RegistryFormat],
        suffix=".csv",
        proposals=list_proposals(db.session(), operator, most=LISTED),
        may_bring_in=Role.LEGAL in operator.roles,
        largest=LARGEST_BYTES // 1024 // 1024,
    )


def _proposal_page(proposal_id: int, problems: tuple[Problem, ...] = ()) -> str:
    proposal = get_proposal(db.session(), proposal_id, current_operator())
    page = request.args.get("page", 1, type=int)
    return render_template(
        "desk/imports/proposal.html",
        proposal=proposal,
        view=proposal_view(proposal, page, reference_in_use(db.session()), page_wording()),
        form=ApplyForm(data={"shown": proposal.entries_digest}),
        problems=_words(problems),
        page_size=PAGE_SIZE,
    )


def _words(problems: tuple[Problem, ...]) -> list[str]:
    w = page_wording()
    words = [import_problem_words(problem, w) for problem in problems[:MOST_PROBLEMS]]
    if len(problems) > MOST_PROBLEMS:
        words.append(_("And %(n)s problems more.", n=len(problems) - MOST_PROBLEMS))
    return words


def _settings() -> Settings:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return settings
