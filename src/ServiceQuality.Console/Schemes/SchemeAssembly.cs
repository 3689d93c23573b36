using System.Globalization;
using System.Text.Json.Nodes;
using ServiceQuality.Access;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Schemes;

/// <summary>Everything the editor shows.</summary>
/// <param name="Standing">Where the version stands and what the reader may do with it.</param>
/// <param name="Present">The version in force, which effects and differences are measured from.</param>
/// <param name="PresentVersion">Its number.</param>
/// <param name="Edit">What is edited.</param>
/// <param name="Manages">Whether the reader may write versions.</param>
/// <param name="Trial">The effect on all units; null when there are errors or nobody answered.</param>
/// <param name="Errors">What is wrong with the edit.</param>
/// <param name="Refusal">Code of what was refused just now.</param>
/// <param name="Done">Code of what was done just now.</param>
/// <param name="Axis">Indicator whose present values are drawn.</param>
/// <param name="Differences">Differences to the version in force, in words.</param>
/// <param name="TryOuts">What the version would have done in past periods.</param>
/// <param name="Next">Number of the version that saving would write.</param>
/// <param name="State">What is open beside the tree.</param>
public sealed record SchemeView(
    SchemeStanding Standing, SchemeDocument Present, int PresentVersion, SchemeEdit Edit, bool Manages, Trial? Trial, IReadOnlyList<FieldError> Errors, string? Refusal, string? Done,
    string Axis, IReadOnlyList<Difference> Differences, IReadOnlyList<TryOut> TryOuts, int Next, EditorState State)
{
    /// <summary>The part that is open.</summary>
    public SchemePart? Open => State.At is { } code ? Edit.Document.Find(code) : null;

    /// <summary>How far the model passes the check before publishing (SCO-03).</summary>
    public ModelCheck Check => ModelCheck.Of(Edit.Document, Errors, Trial);

    /// <summary>Where the editor's form goes.</summary>
    public string Address => FormattableString.Invariant($"/schemes/{Uri.EscapeDataString(Listing.Id)}/{Listing.Version}");

    public SchemeListing Listing => Standing.Listing;

    /// <summary>Grades as the edited scheme names them.</summary>
    public Scheme Scheme => Edit.Document.AsScheme(new(Listing.Id, Listing.Version));

    /// <summary>The number the edit has or will have.</summary>
    public int Number => Standing.MayChange || !Manages ? Listing.Version : Next;

    /// <summary>Class of a field: wrong, or another than in force.</summary>
    public string Mark(string field, bool changed = false) => Errors.Any(error => error.Field == field) ? "in n bad" : changed ? "in n changed" : "in n";

    public string? Invalid(string field) => Errors.Any(error => error.Field == field) ? "true" : null;

    public string? Described(string field) => Errors.Any(error => error.Field == field) ? "scheme-errors" : null;

    /// <summary>What stands in a field: what was typed if it was no number, else the document's.</summary>
    public string Value(string field, string value) => Edit.Typed.GetValueOrDefault(field, value);
}

/// <summary>Reads and arranges a scheme version and the effect of its edit.</summary>
public sealed class SchemeAssembly(SuiteReader suite, SchemeDesk desk, SchemeDifferences differences, SchemeSteps steps, Reader reader)
{
    /// <summary>The page of a version, edited as a form says.</summary>
    public async Task<Reading<SchemeView>> OfAsync(string id, int version, IFormCollection? form, Said? said, string? done, CancellationToken ct)
    {
        var (standingReading, listReading, documentReading) = (suite.SchemeStandingAsync(id, version, ct), suite.SchemesAsync(ct), suite.SchemeAsync(id, version, ct));
        var (standing, list, document) = (await standingReading, await listReading, await documentReading);
        if (standing.Value is not { } known || list.Value is not { } versions || document.Value is not { } written)
            return new(null, standing.Obstacle ?? list.Obstacle ?? document.Obstacle);

        var own = new SchemeDocument(Node(written));
        var inForce = versions.Items.FirstOrDefault(one => one.InForce) ?? known.Listing;
        var present = inForce.Version == version && inForce.Id == id ? own : await suite.SchemeAsync(inForce.Id, inForce.Version, ct) is { Value: { } other } ? new SchemeDocument(Node(other)) : own;
        var manages = reader.Caller?.MayEverywhere(Permissions.ManageSchemes) == true;
        var next = versions.Items.Where(one => one.Id == id).Max(one => one.Version) + 1;
        var start = known.MayChange || !manages ? own : Successor(own, next);
        var working = SchemeDraft.Working(form, start);
        var (edit, state) = form is null ? (SchemeEdit.Of(working), EditorState.Closed) : await steps.TakeAsync(SchemeForm.Apply(working, form), form, ct);
        var axis = edit.Document.Find(form?["axis"].ToString() ?? "") is { IsFamily: false } asked ? asked.Code : edit.Document.Indicators.FirstOrDefault()?.Code ?? "";
        var (answer, trial) = await desk.TryAsync(edit.Document.Json, axis, ct);
        var tryOuts = known.Listing.TryOuts > 0 ? (await suite.TryOutsAsync(id, version, ct)).Value?.Items ?? [] : [];
        return new(new(known, present, inForce.Version, edit, manages, edit.Errors.Count == 0 ? trial : null, Errors(edit, [.. answer.Errors, .. said?.Errors ?? []], state.At),
            said?.Refusal is { } refused and not "scheme-invalid" ? refused : null,
            done, axis, differences.Between(present, edit.Document), tryOuts, next, state), null);
    }

    /// <summary>The version that comes after one: from the first of next month on, unless the author says otherwise.</summary>
    private SchemeDocument Successor(SchemeDocument version, int next)
    {
        var json = version.Json.DeepClone();
        var today = reader.Local(reader.Now);
        json["version"] = next;
        json["approver"] = null;
        if (string.CompareOrdinal(version.EffectiveFrom, today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)) <= 0)
            json["effectiveFrom"] = new DateOnly(today.Year, today.Month, 1).AddMonths(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return new(json);
    }

    private static JsonNode Node(System.Text.Json.JsonDocument document)
    {
        using (document)
            return JsonNode.Parse(document.RootElement.GetRawText())!;
    }

    private static List<FieldError> Errors(SchemeEdit edit, IReadOnlyList<SchemeError> errors, string? open) =>
        [.. edit.Errors.Concat(errors.Select(error => new FieldError(SchemeForm.FieldOf(edit.Document, error.Location, open), error.Code, error.Message, error.Location))).DistinctBy(error => (error.Field, error.Code, error.Place))];
}
