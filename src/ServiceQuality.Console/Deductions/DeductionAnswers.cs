using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Deductions;

/// <summary>Who did something to a case, when and in which words.</summary>
public sealed record CaseStep(string Name, DateTimeOffset At, string? Text);

/// <summary>A line of the ledger, as GET /api/deductions tells.</summary>
public sealed record DeductionLine(
    Guid Id, ScoredUnit Unit, string Rule, LocalName? RuleName, string Kind, decimal Points, string Case, DateTimeOffset Happened, string Reason, string Evidence, string State, bool Counts,
    CaseStep Proposal, CaseStep? Decision, CaseStep? Appeal, CaseStep? Judgement, IReadOnlyList<string> Actions, string? Barred);

public sealed record DeductionPage(IReadOnlyList<DeductionLine> Items, Guid? Next);

public sealed record DeductionRule(string Rule, string Kind, LocalName? Name, decimal Points, decimal? Cap);

public sealed record DeductionRules(IReadOnlyList<DeductionRule> Items);

/// <summary>What the address of the ledger says.</summary>
public sealed record LedgerQuery(string? Unit, string? Rule, string? State, Guid? After);

/// <summary>What was typed into the form of a proposal.</summary>
public sealed record ProposalTyped(string Unit, string Rule, string Case, string Happened, string Reason, string Evidence)
{
    public static ProposalTyped Nothing { get; } = new("", "", "", "", "", "");

    public static ProposalTyped Of(IFormCollection form) =>
        new(form["unit"].ToString(), form["rule"].ToString(), form["case"].ToString(), form["happened"].ToString(), form["reason"].ToString(), form["evidence"].ToString());
}

/// <summary>The ledger's page.</summary>
public sealed record LedgerView(LedgerQuery Query, Reading<DeductionPage> Page, IReadOnlyList<DeductionRule> Rules, bool MayPropose, ProposalTyped Typed, Answered? Refused);

/// <summary>The page of one case.</summary>
public sealed record CaseView(DeductionLine Case, string? Done, string Typed, Answered? Refused);
