namespace ServiceQuality.Scores.Deductions;

/// <summary>Who did something to a case, when, and in which words.</summary>
internal sealed record Step(Guid? Who, string Name, DateTimeOffset At, string? Text);

/// <summary>One line of the deduction ledger (SCO-19): a deduction, or a bonus.</summary>
/// <param name="Id">Its id, also that of its fact in the journal.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Rule">The rule of the scheme.</param>
/// <param name="Kind">deduction or bonus.</param>
/// <param name="Points">Points, &gt; 0.</param>
/// <param name="Case">The order, report or investigation behind it.</param>
/// <param name="Happened">When it happened; decides in which period it counts.</param>
/// <param name="Reason">Why.</param>
/// <param name="Evidence">What proves it.</param>
/// <param name="State">proposed → confirmed or rejected; confirmed → appealed → upheld or reversed.</param>
/// <param name="Proposal">Who proposed it; a service has no id.</param>
/// <param name="Decision">Who confirmed or rejected it.</param>
/// <param name="Appeal">Who appealed.</param>
/// <param name="Judgement">Who judged the appeal.</param>
internal sealed record DeductionCase(
    Guid Id, Guid Unit, string Rule, string Kind, decimal Points, string Case, DateTimeOffset Happened, string Reason, string Evidence, string State,
    Step Proposal, Step? Decision = null, Step? Appeal = null, Step? Judgement = null)
{
    public const string Proposed = "proposed", Confirmed = "confirmed", Rejected = "rejected", Appealed = "appealed", Upheld = "upheld", Reversed = "reversed";

    public static IReadOnlyList<string> States { get; } = [Proposed, Confirmed, Rejected, Appealed, Upheld, Reversed];
}

/// <summary>What may be done to a case, and by whom (SCO-19, requirements.md §8: nobody approves own work). Pure.</summary>
internal static class DeductionRules
{
    public static Outcome Confirm(DeductionCase it, Guid who) => Decide(it, who);

    public static Outcome Reject(DeductionCase it, Guid who) => Decide(it, who);

    public static Outcome Appeal(DeductionCase it, Guid who) => it switch
    {
        { State: DeductionCase.Appealed } => Outcome.Refused("deduction-already-appealed", "There is an appeal already; it waits for its judgement."),
        { State: not DeductionCase.Confirmed } => Outcome.Refused("deduction-not-confirmed", "Only what is confirmed and was not judged yet can be appealed against."),
        _ when it.Proposal.Who == who => Outcome.Refused("deduction-appellant-is-proposer", "Whoever proposed it does not appeal against it."),
        _ when it.Decision?.Who == who => Outcome.Refused("deduction-appellant-is-decider", "Whoever confirmed it does not appeal against it."),
        _ => Outcome.Done,
    };

    public static Outcome Judge(DeductionCase it, Guid who)
    {
        if (it.State != DeductionCase.Appealed)
            return Outcome.Refused("deduction-not-appealed", "There is no appeal to judge.");
        return it.Appeal?.Who == who || it.Decision?.Who == who || it.Proposal.Who == who
            ? Outcome.Refused("deduction-judge-took-part", "An appeal is judged by somebody who has neither proposed nor confirmed the case nor appealed against it.")
            : Outcome.Done;
    }

    private static Outcome Decide(DeductionCase it, Guid who)
    {
        if (it.State != DeductionCase.Proposed)
            return Outcome.Refused("deduction-already-decided", "The proposal was decided before.");
        return it.Proposal.Who == who
            ? Outcome.Refused("deduction-confirmer-is-proposer", "A proposal is confirmed or rejected by somebody else than its proposer.")
            : Outcome.Done;
    }
}
