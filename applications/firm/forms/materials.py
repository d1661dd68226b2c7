"""Which files a firm hands in for each material that it is asked for."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from applications.cases.models import Application
from applications.enterprises.models import Enterprise, LibraryFile
from applications.enterprises.services.library import keep_upload
from applications.firm.forms.library import ACCEPT
from policies.catalogue.calls import materials_of
from policies.catalogue.models import Call, Edition, Material
from policies.catalogue.models.service_guide import OTHER_MATERIAL
from portal.files.store import UploadRefusedError, check_upload


class _FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class _UploadsField(forms.FileField):
    """Any number of new files, each judged by its content."""

    widget = _FilesInput

    def clean(self, data: list[UploadedFile], initial: Any = None) -> list[UploadedFile]:
        problems = []
        for upload in data:
            try:
                check_upload(upload)
            except UploadRefusedError as error:
                problems.append(str(error))
        if problems:
            raise forms.ValidationError(problems)
        return data


class _LibraryField(forms.TypedMultipleChoiceField):
    """Any number of files of the library; an expired one is refused."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, today: date, **kwargs: Any) -> None:
        self.today = today
        self.files: dict[str, LibraryFile] = {}
        message = "选用的文件已不在资料库中，请重新选择"
        super().__init__(
            coerce=lambda reference: self.files[reference],
            empty_value=[],
            required=False,
            error_messages={"invalid_choice": message},
            **kwargs,
        )

    def offer(self, files: list[LibraryFile]) -> None:
        self.files = {str(file.reference): file for file in files}
        self.choices = [(key, self._label(file)) for key, file in self.files.items()]

    def _label(self, file: LibraryFile) -> str:
        until = f"，有效期至 {file.valid_until}" if file.valid_until else ""
        expired = "，已过期" if file.is_expired_on(self.today) else ""
        return f"{file.title}（{file.original_name}{until}{expired}）"

    def validate(self, value: Any) -> None:
        super().validate(value)
        problems = [
            file.expiry_in_words
            for file in (self.files[reference] for reference in value)
            if file.is_expired_on(self.today)
        ]
        if problems:
            raise forms.ValidationError(problems)


@dataclass(frozen=True)
class MaterialFields:
    """The two fields of a material, or of what the list does not name (`material` is None)."""

    material: Material | None
    library: forms.BoundField
    uploads: forms.BoundField

    @property
    def name(self) -> str:
        return material_name(self.material)

    @property
    def note(self) -> str:
        return self.material.note if self.material else "清单以外、有助于审核的材料。"

    @property
    def has_choices(self) -> bool:
        return bool(self.library.field.choices)


class MaterialsForm(forms.Form):
    """For each material of an edition, and of a call: files of the library, new ones, or both.

    Call `keep_uploads` whatever `is_valid` says: a browser does not send a file again, so what is
    fit to be kept goes into the library and stays chosen when the page is shown again. Only with
    both true does `chosen` hold what `attach_files` takes. With `application`, what it holds now
    is chosen from the start; with `preset`, the files of these references for each material name.
    With `only`, other materials are left out, and each of these takes a file. With `uploaded_by`,
    the library offers only what that user put into it: staff do not look through a firm's files.
    """

    keeps_uploads = True

    def __init__(
        self,
        edition: Edition,
        enterprise: Enterprise,
        data: Any = None,
        files: Any = None,
        *,
        today: date,
        call: Call | None = None,
        application: Application | None = None,
        preset: Mapping[str, list[str]] | None = None,
        only: Collection[str] | None = None,
        uploaded_by: Any = None,
    ) -> None:
        super().__init__(data, files)
        self.enterprise, self.today, self.only = enterprise, today, only
        self.uploaded_by = uploaded_by
        self.materials: list[Material | None] = [
            material
            for material in [*materials_of(edition, call), None]
            if only is None or material_name(material) in only
        ]
        chosen = _chosen_before(application)
        for material in self.materials:
            if preset and material_name(material) in preset:
                chosen[material and material.pk] = preset[material_name(material)]
        for material in self.materials:
            self.fields[_name(material)] = _LibraryField(
                today, label="从资料库选用", initial=chosen.get(material and material.pk, [])
            )
            self.fields[_name(material, new=True)] = _UploadsField(
                label="上传新文件",
                required=False,
                widget=_FilesInput(attrs={"accept": ACCEPT}),
            )
            for name in (_name(material), _name(material, new=True)):
                self.fields[name].called = material_name(material)
        self._offer_library()

    def _offer_library(self) -> None:
        files = LibraryFile.objects.in_library().filter(enterprise=self.enterprise)
        if self.uploaded_by:
            files = files.filter(uploaded_by=self.uploaded_by)
        library = list(files)
        for material in self.materials:
            self.fields[_name(material)].offer(library)

    def groups(self) -> Iterator[MaterialFields]:
        for material in self.materials:
            yield MaterialFields(material, self[_name(material)], self[_name(material, new=True)])

    def keep_uploads(self, *, user: Any, now: datetime) -> bool:
        """Store what was uploaded and choose it; False, with errors, where one is refused."""
        self.is_valid()
        # A copy that can be written to, for the page to show again.
        self.data = self.data.copy()
        for material in self.materials:
            self._keep_uploads_of(material, user, now)
        self._offer_library()
        if self.only is not None:
            for material in self.materials:
                self._demand(material)
        return not any(_name(material, new=True) in self.errors for material in self.materials)

    def _demand(self, material: Material | None) -> None:
        name = _name(material)
        if name not in self.errors and not self.cleaned_data.get(name):
            self._tell(_name(material, new=True), "请选用或上传这项材料", code="required")

    def _keep_uploads_of(self, material: Material | None, user: Any, now: datetime) -> None:
        name, new = _name(material), _name(material, new=True)
        for upload in self.files.getlist(new):
            try:
                file, _ = keep_upload(upload, enterprise=self.enterprise, user=user, now=now)
            except UploadRefusedError as error:
                self._tell(new, str(error))
                continue
            if file.is_expired_on(self.today):
                # The same content was there before, with a date that has passed.
                self._tell(new, file.expiry_in_words)
            elif str(file.reference) not in self.data.getlist(name):
                self.data.appendlist(name, str(file.reference))
                self.cleaned_data[name] = [*self.cleaned_data.get(name, []), file]

    def _tell(self, field: str, problem: str, code: str = "") -> None:
        if problem not in self.errors.get(field, []):
            self.add_error(field, forms.ValidationError(problem, code=code))

    @property
    def typed(self) -> dict[str, list[str]]:
        """The references that are ticked, right or wrong, by the material's name."""
        return {
            material_name(material): sorted(set(self.data.getlist(_name(material))))
            for material in self.materials
        }

    @property
    def chosen(self) -> dict[Material | None, list[LibraryFile]]:
        return {material: self.cleaned_data[_name(material)] for material in self.materials}

    @property
    def missing(self) -> list[Material]:
        """Materials of the list without a file; whether that matters the document says."""
        return [material for material, files in self.chosen.items() if material and not files]


def material_name(material: Material | None) -> str:
    return material.name if material else OTHER_MATERIAL


def _name(material: Material | None, *, new: bool = False) -> str:
    own = f"material_{material.pk}" if material else "material_other"
    return f"{own}_new" if new else own


def _chosen_before(application: Application | None) -> dict[int | None, list[str]]:
    if application is None:
        return {}
    found: dict[int | None, list[str]] = {}
    rows = application.attachments.current().values_list("material", "library_file__reference")
    for material, reference in rows:
        found.setdefault(material, []).append(str(reference))
    return found
