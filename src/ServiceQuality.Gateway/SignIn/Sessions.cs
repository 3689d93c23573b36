using System.Security.Claims;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceQuality.Access;

namespace ServiceQuality.Gateway.SignIn;

/// <summary>What a cookie or token says, protected by the key ring: which session, which account, and the rights as they were at <paramref name="At"/>.</summary>
internal sealed record SessionMark(Guid Session, int Generation, string Stamp, DateTimeOffset At, Caller Caller)
{
    private const string ClaimType = "session";

    public ClaimsPrincipal ToPrincipal(string scheme) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.Name, Caller.Name), new Claim(ClaimType, JsonSerializer.Serialize(this))], scheme));

    public static SessionMark? Of(ClaimsPrincipal? principal) =>
        principal?.FindFirst(ClaimType) is { } claim ? JsonSerializer.Deserialize<SessionMark>(claim.Value) : null;
}

/// <summary>The sessions of people. A session ends by sign-out, by a refresh token that is used twice, by a disabled account or a changed password.</summary>
internal sealed class Sessions([FromKeyedServices(GatewayService.Name)] NpgsqlDataSource db, Accounts accounts, IOptions<SignInSettings> settings, TimeProvider clock, ILogger<Sessions> logger)
{
    private const int MostRemembered = 20_000;

    private readonly BriefMemory<Guid, Caller?> _standing = new(clock, MostRemembered);
    private readonly BriefMemory<Guid, SessionMark> _lastKnown = new(clock, MostRemembered);

    public async Task<SessionMark> StartAsync(Account account, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using var command = db.Command("insert into session (id, account, started, renewed, expires) values ($1, $2, $3, $3, $4)", id, account.Caller.Subject, now, now + settings.Value.Longest);
        await command.ExecuteNonQueryAsync(ct);
        return new SessionMark(id, 0, account.Stamp, now, account.Caller);
    }

    /// <summary>The next generation of a session; null when it is over. A refresh token that was used before ends the session: one of its two users is a thief.</summary>
    public async Task<SessionMark?> RenewAsync(SessionMark mark, CancellationToken ct)
    {
        // Asked first: while Organisation is away the token stays good.
        if (await accounts.FindAsync(mark.Caller.Subject, mark.Stamp, ct) is not { } account)
        {
            await EndAsync(mark.Session, ct);
            return null;
        }

        var now = clock.GetUtcNow();
        await using var command = db.Command("update session set generation = generation + 1, renewed = $3 where id = $1 and generation = $2 and ended is null and expires > $3", mark.Session, mark.Generation, now);
        if (await command.ExecuteNonQueryAsync(ct) == 0)
        {
            logger.LogWarning("Session {Session} of account {Account} is ended: its refresh token was used again or is too old", mark.Session, mark.Caller.Subject);
            await EndAsync(mark.Session, ct);
            return null;
        }

        return mark with { Generation = mark.Generation + 1, At = now, Caller = account.Caller };
    }

    public async Task EndAsync(Guid session, CancellationToken ct)
    {
        await using var command = db.Command("update session set ended = $2 where id = $1 and ended is null", session, clock.GetUtcNow());
        await command.ExecuteNonQueryAsync(ct);
        _standing.Forget(session);
        _lastKnown.Forget(session);
    }

    /// <summary>Who stands behind a session now, with present rights; null when it is over.</summary>
    public Task<Caller?> CallerAsync(SessionMark mark) => _standing.GetAsync(mark.Session, () => AskAsync(mark));

    /// <summary>Removes sessions that ended or ran out before <paramref name="before"/>.</summary>
    public async Task<int> PurgeAsync(DateTimeOffset before, CancellationToken ct)
    {
        await using var command = db.Command("delete from session where expires < $1 or ended < $1", before);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private async Task<(Caller? Caller, TimeSpan KeepFor)> AskAsync(SessionMark mark)
    {
        using var patience = new CancellationTokenSource(Accounts.Patience, clock);
        try
        {
            var account = await IsOpenAsync(mark.Session, patience.Token) ? await accounts.FindAsync(mark.Caller.Subject, mark.Stamp, patience.Token) : null;
            if (account is null)
                return (null, settings.Value.CheckedEvery);

            _lastKnown.Remember(mark.Session, mark with { At = clock.GetUtcNow(), Caller = account.Caller }, settings.Value.TrustedWhileAway);
            return (account.Caller, settings.Value.CheckedEvery);
        }
        catch (Exception away) when (away is TemporarilyUnavailableException or NpgsqlException or OperationCanceledException)
        {
            var known = _lastKnown.Peek(mark.Session) ?? mark;
            if (clock.GetUtcNow() - known.At > settings.Value.TrustedWhileAway)
                throw new TemporarilyUnavailableException("Nobody can say whether this sign-in is still good.", away);
            return (known.Caller, TimeSpan.FromSeconds(1));
        }
    }

    private async Task<bool> IsOpenAsync(Guid session, CancellationToken ct)
    {
        await using var command = db.Command("select exists (select from session where id = $1 and ended is null and expires > $2)", session, clock.GetUtcNow());
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }
}

/// <summary>Forgets sessions some time after they are over.</summary>
internal sealed class SessionPurge(Sessions sessions, TimeProvider clock, ILogger<SessionPurge> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(7);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await sessions.PurgeAsync(clock.GetUtcNow() - KeptAfterEnd, stoppingToken);
            }
            catch (NpgsqlException away)
            {
                logger.LogWarning("Old sessions could not be removed: {Reason}", away.Message);
            }
        }
    }
}
