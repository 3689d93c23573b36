using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Contracts.Scores;
using ServiceQuality.Messaging;

namespace ServiceQuality.Scores.Deductions;

/// <summary>
/// Writes a service's proposal into the ledger (XR-22, XR-23, XR-25, XR-26; XR-24 under <c>order-not-held</c>). The same case under the same rule is in it
/// once, whatever became of it. A proposal that the rules of proposing refuse goes to the error queue, where somebody sees it.
/// </summary>
internal sealed class ProposeOnDeductionProposed([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, DeductionLedger ledger) : IConsumer<DeductionProposed>
{
    public Task Consume(ConsumeContext<DeductionProposed> context) => db.Once(context, nameof(ProposeOnDeductionProposed), async (message, transaction) =>
    {
        if (Problem(message) is { } problem)
            throw new ArgumentException(problem, nameof(context));
        var (outcome, _) = await ledger.ProposeAsync(transaction, new Proposal(message.Unit, message.Rule, message.Case, message.Happened, message.Reason, message.Evidence),
            proposer: null, message.By, evenIfRejected: false, context.CancellationToken);
        if (outcome is { IsRefused: true, Code: not "deduction-case-known" })
            throw new ArgumentException($"{outcome.Code}: {outcome.Reason}", nameof(context));
    });

    private static string? Problem(DeductionProposed message) => message switch
    {
        { By.Length: 0 or > 100 } => "'by' has 1 to 100 characters.",
        { Case.Length: 0 or > 100 } => "'case' has 1 to 100 characters.",
        { Reason.Length: 0 or > 1_000 } => "'reason' has 1 to 1,000 characters.",
        { Evidence.Length: 0 or > 4_000 } => "'evidence' has 1 to 4,000 characters.",
        _ => null,
    };
}
