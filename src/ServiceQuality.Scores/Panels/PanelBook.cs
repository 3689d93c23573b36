using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Audit;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Journals;

namespace ServiceQuality.Scores.Panels;

/// <summary>The panels. Each change is one transaction with its audit record; the trail says who rated, never what, so that it gives no rating away.</summary>
internal sealed class PanelBook([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, TimeProvider clock)
{
    private const int Listed = 100;

    /// <summary>The newest panels first, at most 100.</summary>
    public async Task<IReadOnlyList<ExpertPanel>> ListAsync(CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await PanelRows.ListAsync(connection, Listed, ct);
    }

    /// <summary>A panel; null when there is none.</summary>
    public async Task<ExpertPanel?> FindAsync(Guid id, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await PanelRows.FindAsync(connection, id, forUpdate: false, ct);
    }

    /// <summary>Opens a panel.</summary>
    public async Task<ExpertPanel> OpenAsync(PanelBody body, Caller author, CancellationToken ct)
    {
        var now = Now;
        var panel = new ExpertPanel(
            Guid.CreateVersion7(now), body.Kind, body.Question.Trim(), [.. body.Elements.Select(element => element.Trim())], body.Low, body.High, body.OutlierShare, body.Fewest, [.. (body.Invited ?? []).Distinct()],
            ExpertPanel.Open, author.Subject, author.Name, now, null, null, null, null, null, []);
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await PanelRows.InsertAsync(transaction, panel, ct);
        await AuditAsync(transaction, panel, author, "opened", null, new { panel.Kind, panel.Question, panel.Elements, panel.Low, panel.High, panel.OutlierShare, panel.Fewest, panel.Invited }, ct);
        await transaction.CommitAsync(ct);
        return panel;
    }

    /// <summary>Takes an expert's ratings.</summary>
    public Task<Outcome> RateAsync(Guid id, IReadOnlyList<double> ratings, IReadOnlyList<string> comments, Caller expert, CancellationToken ct) =>
        ChangeAsync(id, panel => PanelRules.Rate(panel, expert.Subject), async (transaction, panel) =>
        {
            await PanelRows.RateAsync(transaction, id, new ExpertRating(expert.Subject, expert.Name, Now, ratings, comments), ct);
            await AuditAsync(transaction, panel, expert, "rated", null, new { ratings = panel.Given.Count + 1 }, ct);
        }, ct);

    /// <summary>Takes an expert's words to one of the own ratings.</summary>
    public Task<Outcome> CommentAsync(Guid id, int element, string text, Caller expert, CancellationToken ct) =>
        ChangeAsync(id, panel => PanelRules.Comment(panel, expert.Subject), async (transaction, panel) =>
        {
            await PanelRows.CommentAsync(transaction, id, expert.Subject, element, text, ct);
            await AuditAsync(transaction, panel, expert, "commented", null, new { element = panel.Elements[element] }, ct);
        }, ct);

    /// <summary>Takes no more ratings: from now on everybody sees them.</summary>
    public Task<Outcome> CloseAsync(Guid id, Caller who, CancellationToken ct) =>
        ChangeAsync(id, PanelRules.Close, async (transaction, panel) =>
        {
            await PanelRows.UpdateAsync(transaction, panel with { State = ExpertPanel.Ended, Closed = Now }, content: null, ct);
            await AuditAsync(transaction, panel, who, "closed", new { panel.State }, new { state = ExpertPanel.Ended, ratings = panel.Given.Count }, ct);
        }, ct);

    /// <summary>Signs the result: it is kept word for word with its hash.</summary>
    public Task<Outcome> SignAsync(Guid id, Caller signer, CancellationToken ct) =>
        ChangeAsync(id, panel => PanelRules.Sign(panel, signer.Subject), async (transaction, panel) =>
        {
            var signed = panel with { State = ExpertPanel.Final, Signer = signer.Subject, SignerName = signer.Name, Signed = Now };
            var content = CanonicalJson.Of(JsonSerializer.SerializeToElement(new { panel = signed, result = PanelResultView.Of(signed) }, JsonSerializerOptions.Web));
            var hash = Convert.ToHexStringLower(SHA256.HashData(content));
            await PanelRows.UpdateAsync(transaction, signed with { Hash = hash }, Encoding.UTF8.GetString(content), ct);
            await AuditAsync(transaction, panel, signer, "signed", new { panel.State }, new { state = ExpertPanel.Final, hash }, ct);
        }, ct);

    private DateTimeOffset Now => Entry.Micros(clock.GetUtcNow());

    private async Task<Outcome> ChangeAsync(Guid id, Func<ExpertPanel, Outcome> rule, Func<NpgsqlTransaction, ExpertPanel, Task> change, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var panel = await PanelRows.FindAsync(connection, id, forUpdate: true, ct) ?? throw new InvalidOperationException($"Panel {id} has gone.");
        if (rule(panel) is { IsRefused: true } refused)
            return refused;
        await change(transaction, panel);
        await transaction.CommitAsync(ct);
        return Outcome.Done;
    }

    private Task AuditAsync(NpgsqlTransaction transaction, ExpertPanel panel, Caller who, string action, object? before, object after, CancellationToken ct) =>
        AuditTrail.AppendAsync(transaction, new AuditEntry(
            clock.GetUtcNow(), $"{who.Subject} {who.Name}", $"panel.{action}", panel.Id.ToString(), null, before, after, Activity.Current?.TraceId.ToHexString()), ct);
}
