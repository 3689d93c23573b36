using System.ComponentModel.DataAnnotations;
using ServiceQuality.Access;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Deductions;

/// <summary>A proposal as it is sent; <c>happened</c> is a time with offset.</summary>
internal sealed record ProposalBody(
    [property: Required, StringLength(80, MinimumLength = 1)] string Unit,
    [property: Required, StringLength(64, MinimumLength = 1)] string Rule,
    [property: Required, StringLength(100, MinimumLength = 1)] string Case,
    DateTimeOffset Happened,
    [property: Required, StringLength(1_000, MinimumLength = 1)] string Reason,
    [property: Required, StringLength(4_000, MinimumLength = 1)] string Evidence);

/// <summary>Words that go with a decision; a confirmation needs none.</summary>
internal sealed record RemarkBody([property: StringLength(1_000)] string? Remark = null);

/// <summary>Why something is rejected, appealed against or judged so.</summary>
internal sealed record ReasonBody([property: Required, StringLength(4_000, MinimumLength = 1)] string Reason);

/// <summary>Who did something, when, in which words.</summary>
internal sealed record StepView(string Name, DateTimeOffset At, string? Text)
{
    public static StepView? Of(Step? step) => step is null ? null : new(step.Name, step.At, step.Text);
}

/// <summary>
/// A line of the ledger. <paramref name="Actions"/> is what the caller may do to it; <paramref name="Barred"/> says why somebody who holds the
/// permission may not: the code that the attempt would be refused with.
/// </summary>
internal sealed record DeductionView(
    Guid Id, UnitView Unit, string Rule, Bilingual? RuleName, string Kind, decimal Points, string Case, DateTimeOffset Happened, string Reason, string Evidence, string State,
    bool Counts, StepView Proposal, StepView? Decision, StepView? Appeal, StepView? Judgement, IReadOnlyList<string> Actions, string? Barred)
{
    public static DeductionView Of(DeductionCase it, OrgUnit unit, IReadOnlyDictionary<string, AdjustmentRule> rules, Caller caller)
    {
        (string Action, string Permission, Outcome Outcome)[] possible = it.State switch
        {
            DeductionCase.Proposed => [("confirm", Permissions.DecideDeductions, DeductionRules.Confirm(it, caller.Subject)), ("reject", Permissions.DecideDeductions, DeductionRules.Reject(it, caller.Subject))],
            DeductionCase.Confirmed => [("appeal", Permissions.Appeal, DeductionRules.Appeal(it, caller.Subject))],
            DeductionCase.Appealed => [("uphold", Permissions.DecideDeductions, DeductionRules.Judge(it, caller.Subject)), ("reverse", Permissions.DecideDeductions, DeductionRules.Judge(it, caller.Subject))],
            _ => [],
        };
        var held = possible.Where(one => caller.May(one.Permission, unit.Path)).ToList();
        return new(
            it.Id, UnitView.Of(unit), it.Rule, rules.GetValueOrDefault(it.Rule)?.Name, it.Kind, it.Points, it.Case, it.Happened, it.Reason, it.Evidence, it.State,
            it.State is DeductionCase.Confirmed or DeductionCase.Appealed or DeductionCase.Upheld, StepView.Of(it.Proposal)!, StepView.Of(it.Decision), StepView.Of(it.Appeal), StepView.Of(it.Judgement),
            [.. held.Where(one => !one.Outcome.IsRefused).Select(one => one.Action)], held.FirstOrDefault(one => one.Outcome.IsRefused).Outcome.Code);
    }
}

/// <summary>A page of the ledger; <paramref name="Next"/> is the <c>after</c> of the following page, null at the end.</summary>
internal sealed record DeductionPage(IReadOnlyList<DeductionView> Items, Guid? Next);

/// <summary>A rule of the ledger.</summary>
internal sealed record DeductionRuleView(string Rule, string Kind, Bilingual Name, decimal Points, decimal? Cap);

/// <summary>The rules in force today.</summary>
internal sealed record DeductionRuleList(IReadOnlyList<DeductionRuleView> Items);
