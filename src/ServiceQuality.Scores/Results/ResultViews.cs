using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using ServiceQuality.Access;
using ServiceQuality.Scores.Board;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>Which period to close for which unit and everything under it.</summary>
internal sealed record ClosingBody([property: Required, StringLength(80, MinimumLength = 1)] string Unit, [property: Required, StringLength(12, MinimumLength = 4)] string Period);

/// <summary>A word about what the check found; needed when it found something.</summary>
internal sealed record PublicationBody([property: StringLength(4_000)] string? Comment = null);

/// <summary>Why.</summary>
internal sealed record BecauseBody([property: Required, StringLength(4_000, MinimumLength = 1)] string Reason);

/// <summary>An appeal as it is filed.</summary>
internal sealed record AppealBody(
    [property: Required, StringLength(4_000, MinimumLength = 1)] string Reason, [property: Required, StringLength(8_000, MinimumLength = 1)] string Evidence);

/// <summary>The decision on an appeal.</summary>
internal sealed record JudgementBody(bool Accept, [property: Required, StringLength(4_000, MinimumLength = 1)] string Reason);

/// <summary>Why a result is restated, and which accepted appeal asks for it.</summary>
internal sealed record RestatementBody([property: Required, StringLength(4_000, MinimumLength = 1)] string Reason, Guid? Appeal = null);

/// <summary>The decision on a proposed restatement.</summary>
internal sealed record RestatementDecisionBody(bool Confirm);

/// <summary>A closing. <paramref name="Actions"/> is what the caller may do; <paramref name="Barred"/> the code that an attempt to publish would be refused with.</summary>
internal sealed record ClosingView(
    Guid Id, UnitView Unit, string Period, string State, DateTimeOffset Moment, string Scheme, int Units, int Done, string? Failure, string Closer, DateTimeOffset Started, DateTimeOffset? Computed,
    DateTimeOffset? Checked, Findings? Findings, string? Publisher, DateTimeOffset? Published, string? Comment, DateTimeOffset? AppealsUntil, DateTimeOffset? Frozen, IReadOnlyList<string> Actions, string? Barred)
{
    public static ClosingView Of(Closing it, OrgUnit unit, Caller caller)
    {
        var manages = caller.May(Permissions.ManageResults, unit.Path);
        var findings = manages || caller.May(Permissions.ReadAudit, unit.Path) ? Findings.Read(it.Findings) : null;
        var publish = ClosingRules.Publish(it, caller.Subject, 0, null);
        var actions = new List<string>();
        if (manages && !ClosingRules.Check(it).IsRefused)
            actions.Add("check");
        if (manages && !publish.IsRefused)
            actions.Add("publish");
        if (manages && !ClosingRules.Discard(it).IsRefused)
            actions.Add("discard");
        return new(it.Id, UnitView.Of(unit), it.Period.ToString(), it.State, it.Moment, it.Scheme, it.Units, it.Done, manages ? it.Failure : null, it.CloserName, it.Started, it.Computed, it.Checked, findings,
            it.PublisherName, it.Published, it.Comment, it.AppealsUntil, it.Frozen, actions, manages && it.State == Closing.IsChecked ? publish.Code : null);
    }
}

/// <summary>Closings, newest first.</summary>
internal sealed record ClosingList(IReadOnlyList<ClosingView> Items);

/// <summary>The live score beside an official result: provisional, of another period, and still moving (SCO-25).</summary>
internal sealed record LiveView(string Period, double? Score, string? Grade, double Coverage, DateTimeOffset AsOf)
{
    public static LiveView? Of(BoardRow? row) => row is null ? null : new(row.Score.Window.Period.ToString(), row.Score.Value, row.Score.Grade?.Code, row.Score.Coverage, row.AsOf);
}

/// <summary>One unit's official result in a list. Rank is among the newest documents of its siblings; difference is live less official.</summary>
internal sealed record ResultLine(
    UnitView Unit, string Period, int Number, decimal? Official, string? Grade, double Coverage, SiblingRank? Rank, string Hash, DateTimeOffset Written, LiveView? Live, double? Difference);

/// <summary>A page of results in the order of the tree; <paramref name="Next"/> is the <c>offset</c> of the following page, null at the end.</summary>
internal sealed record ResultPage(ClosingView Closing, int Total, IReadOnlyList<ResultLine> Items, int? Next);

/// <summary>A stored document in the history of a unit.</summary>
internal sealed record DocumentLine(string Period, int Number, decimal? Official, string? Grade, double Coverage, SiblingRank? Rank, string Hash, string? Former, string Author, DateTimeOffset Written)
{
    public static DocumentLine Of(ResultRow row) => new(
        row.Period, row.Number, row.Official, row.Grade, row.Coverage, row.Place is { } place ? new SiblingRank(place, row.Places ?? place) : null, row.Hash, row.Former, row.AuthorName, row.Written);
}

/// <summary>Every published period of a unit, newest first.</summary>
internal sealed record ResultHistory(UnitView Unit, IReadOnlyList<DocumentLine> Items);

/// <summary>An appeal. <paramref name="Barred"/> says why somebody who holds the permission may not judge it.</summary>
internal sealed record AppealView(
    Guid Id, UnitView Unit, string Period, int Number, string State, string Reason, string Evidence, string Filer, DateTimeOffset Filed, string? Judge, DateTimeOffset? Judged, string? Judgement,
    IReadOnlyList<string> Actions, string? Barred)
{
    public static AppealView Of(ResultAppeal it, OrgUnit unit, Caller caller)
    {
        var rule = it.Judge(caller.Subject);
        var may = caller.May(Permissions.ManageResults, unit.Path);
        return new(it.Id, UnitView.Of(unit), it.Period, it.Number, it.State, it.Reason, it.Evidence, it.FilerName, it.Filed, it.JudgeName, it.Judged, it.Judgement,
            may && !rule.IsRefused ? ["accept", "reject"] : [], may && it.State == ResultAppeal.IsFiled ? rule.Code : null);
    }
}

/// <summary>Appeals, newest first.</summary>
internal sealed record AppealList(IReadOnlyList<AppealView> Items);

/// <summary>The official document of another unit that changes with a restatement; <paramref name="Difference"/> is that of the official points.</summary>
internal sealed record AffectedView(UnitView Unit, int Number, decimal? Former, decimal? Official, decimal? Difference, string? FormerGrade, string? Grade, string? Hash)
{
    public static AffectedView Of(RestatementPart it, OrgUnit unit) => new(UnitView.Of(unit), it.Number, it.Former, it.Official, it.Official - it.Former, it.FormerGrade, it.Grade, it.Hash);

    public static AffectedView Of(RestatedDocument it, OrgUnit unit) => new(
        UnitView.Of(unit), it.Former.Number + 1, it.Former.Official, it.Document.Official, it.Document.Official - it.Former.Official, it.Former.Grade, it.Document.Grade, null);
}

/// <summary>A restatement on its way, with what it would change; <paramref name="With"/> are the documents of other units, as far as the caller sees them, from the top down.</summary>
internal sealed record RestatementView(
    Guid Id, UnitView Unit, string Period, int Number, string State, Guid? Appeal, string Reason, ResultDifference Difference, decimal? Official, string Hash, IReadOnlyList<AffectedView> With, string Proposer,
    DateTimeOffset Proposed, string? Decider, DateTimeOffset? Decided, IReadOnlyList<string> Actions, string? Barred)
{
    public static RestatementView Of(ProposedRestatement it, UnitTree tree, Caller caller)
    {
        var unit = tree.Find(it.Unit)!;
        var (document, rule, may) = (ResultSeal.Read(it.Content), it.Decide(caller.Subject), caller.May(Permissions.ManageResults, unit.Path));
        var with = (it.Parts ?? []).Where(part => tree.Find(part.Unit) is { } other && caller.May(Permissions.ReadScores, other.Path)).Select(part => AffectedView.Of(part, tree.Find(part.Unit)!));
        return new(it.Id, UnitView.Of(unit), it.Period, it.Number, it.State, it.Appeal, it.Reason, document.Restatement!.Difference, document.Official, it.Hash, [.. with], it.ProposerName, it.Proposed, it.DeciderName,
            it.Decided, may && !rule.IsRefused ? ["confirm", "decline"] : [], may && it.State == ProposedRestatement.IsProposed ? rule.Code : null);
    }
}

/// <summary>Restatements, newest first.</summary>
internal sealed record RestatementList(IReadOnlyList<RestatementView> Items);

/// <summary>A unit's official result with everything around it; the document is what was sealed, as it was sealed.</summary>
internal sealed record ResultView(
    UnitView Unit, string Period, string State, DateTimeOffset? Published, DateTimeOffset? AppealsUntil, DateTimeOffset? Frozen, JsonElement Document, IReadOnlyList<DocumentLine> Documents,
    IReadOnlyList<AppealView> Appeals, LiveView? Live, double? Difference, IReadOnlyList<string> Actions, string? Barred);

/// <summary>
/// The official result and what the same period would give as of now; nothing of it is official. <paramref name="With"/> are the documents of other units that a restatement
/// would change, told to those who may propose one.
/// </summary>
internal sealed record ComparisonView(
    UnitView Unit, string Period, int Number, decimal? Official, decimal? Recomputed, DateTimeOffset AsOf, bool Differs, ResultDifference Difference, IReadOnlyList<AffectedView>? With);

/// <summary>Whether a document is what its journals give.</summary>
internal sealed record ProofView(UnitView Unit, string Period, int Number, string Stated, string Recomputed, bool Agrees);
