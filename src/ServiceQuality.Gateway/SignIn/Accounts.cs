using ServiceQuality.Access;
using ServiceQuality.Clients;

namespace ServiceQuality.Gateway.SignIn;

/// <summary>An account as Organisation vouches for it. The stamp changes when its password does or when it is disabled.</summary>
internal sealed record Account(Caller Caller, string Stamp);

/// <summary>Why a password was refused: the code of the problem that Organisation answers.</summary>
internal sealed record PasswordAnswer(Account? Account, string? Refusal);

/// <summary>Asks Organisation who stands behind a password, an account id or an API key.</summary>
internal sealed class Accounts(IHttpClientFactory clients, TicketBooth tickets)
{
    // A request waits for this answer, and the last known one will do: with a hanging Organisation people and systems still go on within two seconds.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    private sealed record Refusal(string? Type);

    public async Task<PasswordAnswer> CheckPasswordAsync(string user, string password, CancellationToken ct)
    {
        var (account, refusal) = await AskAsync<Account>(Question(HttpMethod.Post, "internal/sign-in", new { user, password }), ct);
        return new(account, refusal);
    }

    /// <summary>The account with its present rights; null when there is none, when it is disabled, or when the stamp is no longer its own.</summary>
    public async Task<Account?> FindAsync(Guid account, string stamp, CancellationToken ct)
    {
        var question = Question(HttpMethod.Get, $"internal/accounts/{account}/caller");
        question.Options.Set(ServiceClients.Patience, Patience);
        var (known, _) = await AskAsync<Account>(question, ct);
        return known?.Stamp == stamp ? known : null;
    }

    /// <summary>The machine behind an API key; null when the key is unknown, revoked or has run out.</summary>
    public async Task<Caller?> FindKeyAsync(string key, CancellationToken ct)
    {
        var question = Question(HttpMethod.Post, "internal/keys/verify", new { key });
        question.Options.Set(ServiceClients.ChangesNothing, true);
        question.Options.Set(ServiceClients.Patience, Patience);
        return (await AskAsync<Caller>(question, ct)).Known;
    }

    private HttpRequestMessage Question(HttpMethod method, string path, object? content = null)
    {
        var question = new HttpRequestMessage(method, path) { Content = content is null ? null : JsonContent.Create(content) };
        question.Headers.Add(Ticket.Header, tickets.ForGateway());
        return question;
    }

    private async Task<(T? Known, string? Refusal)> AskAsync<T>(HttpRequestMessage question, CancellationToken ct) where T : class
    {
        using var client = clients.CreateClient("organisation");
        using (question)
        using (var answer = await client.SendAsync(question, ct))
        {
            if (answer.IsSuccessStatusCode)
                return (await answer.Content.ReadFromJsonAsync<T>(ct), null);

            var code = answer.Content.Headers.ContentType?.MediaType == "application/problem+json"
                ? (await answer.Content.ReadFromJsonAsync<Refusal>(ct))?.Type?.Split(':')[^1]
                : null;
            // Refusing the gateway itself says nothing about the caller.
            if ((int)answer.StatusCode >= StatusCodes.Status500InternalServerError || code is null or "not-signed-in" or "not-allowed")
                throw new TemporarilyUnavailableException($"Organisation does not answer {question.RequestUri}: {(int)answer.StatusCode} {code}");
            return (null, code);
        }
    }
}
