using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Organisation;
using ServiceQuality.Messaging;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Requests;
using ServiceQuality.Organisation.Rights;
using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation.Keys;

/// <summary>API keys of branch systems, each for one subtree.</summary>
internal static class KeysApi
{
    private const int LargestPage = 500;
    private const int MostPerUnit = 100;
    private static readonly TimeSpan UsualOverlap = TimeSpan.FromHours(24);

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/keys").WithTags("Keys");
        keys.MapGet("/", List).RequirePermission(Permissions.ManageKeys).WithName("keys");

        var changes = keys.MapGroup("").RequirePermission(Permissions.ManageKeys).AddEndpointFilter<OneTransaction>();
        changes.MapPost("/", Issue).WithName("key-issue").WithSummary("The key is shown this once.");
        changes.MapPost("/{id:guid}/rotate", Rotate).WithName("key-rotate").WithSummary("The new key is shown this once; the former one is good until the given time, by default for 24 hours.");
        changes.MapDelete("/{id:guid}", Revoke).WithName("key-revoke").WithSummary("Takes effect within seconds.");
    }

    /// <summary>A key for a branch system; <c>unit</c> is an id or a code.</summary>
    internal sealed record NewKey(
        [property: Required, MaxLength(120)] string Name, [property: Required, MaxLength(40)] string Unit, DateTimeOffset? Expires = null);

    /// <summary>Until when the former key is good: at most 30 days; now or earlier ends it at once. Null for 24 hours.</summary>
    internal sealed record Rotation(DateTimeOffset? Until = null);

    internal sealed record KeyView(
        Guid Id, string Name, Guid Unit, string Path, string State, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? RotatedAt,
        DateTimeOffset? FormerUntil, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt)
    {
        public static KeyView Of(ApiKey key, string path, DateTimeOffset now) => new(
            key.Id, key.Name, key.UnitId, path, key.RevokedAt is not null ? "revoked" : key.ExpiresAt <= now ? "expired" : "active", key.CreatedAt, key.CreatedBy,
            key.RotatedAt, key.FormerUntil > now ? key.FormerUntil : null, key.ExpiresAt, key.RevokedAt, key.LastUsedAt);
    }

    /// <summary>A key with its text, which is shown this once.</summary>
    internal sealed record ShownKey(KeyView Details, string Key);

    private static async Task<Ok<Page<KeyView>>> List(
        HttpContext http, OrganisationDb db, TimeProvider clock, Guid? after, [Range(1, LargestPage)] int? limit, CancellationToken ct)
    {
        var size = limit ?? LargestPage;
        var (now, scope) = (clock.GetUtcNow(), http.Caller().Scope(Permissions.ManageKeys));
        var keys = await db.Keys.AsNoTracking().Where(key => after == null || key.Id > after)
            .Join(db.Units.Within(scope), key => key.UnitId, unit => unit.Id, (key, unit) => new { key, unit.Path })
            .OrderBy(found => found.key.Id).Take(size).ToListAsync(ct);
        return TypedResults.Ok(new Page<KeyView>([.. keys.Select(found => KeyView.Of(found.key, found.Path, now))], keys.Count == size ? $"{keys[^1].key.Id}" : null));
    }

    private static async Task<Results<Created<ShownKey>, ProblemHttpResult>> Issue(
        HttpContext http, NewKey request, OrganisationDb db, Tree tree, ScopeGuard guard, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var unit = await tree.FindAsync(request.Unit, ct);
        if (await guard.RefusalAsync(http.Caller(), Permissions.ManageKeys, unit, request.Unit, ct) is { } refusal)
            return refusal;
        if (request.Expires <= now)
            return Problems.Of(StatusCodes.Status400BadRequest, "key-expired", "The key would have expired already.");
        await db.LockAsync($"keys:{unit!.Id}", ct);
        if (await db.Keys.CountAsync(key => key.UnitId == unit.Id && key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now), ct) >= MostPerUnit)
            return Problems.Of(StatusCodes.Status409Conflict, "too-many-keys", $"A unit has at most {MostPerUnit} keys in use; revoke one first.");

        var (key, shown) = ApiKey.Issue(request.Name, unit.Id, request.Expires?.ToUniversalTime(), http.Caller().Name, now);
        db.Keys.Add(key);
        await db.SaveChangesAsync(ct);
        var view = KeyView.Of(key, unit.Path, now);
        await db.RecordAsync(http.Caller(), now, "key.issued", $"key {key.Id}", unit.Path, after: view, ct: ct);
        return TypedResults.Created($"/api/keys/{key.Id}", new ShownKey(view, shown));
    }

    private static async Task<Results<Ok<ShownKey>, ProblemHttpResult>> Rotate(
        HttpContext http, Guid id, Rotation request, OrganisationDb db, ScopeGuard guard, TimeProvider clock, CancellationToken ct)
    {
        var (key, path, refusal) = await ManagedAsync(http, id, db, guard, ct);
        if (refusal is not null)
            return refusal;

        var now = clock.GetUtcNow();
        var overlap = request.Until is { } until ? until > now ? until - now : TimeSpan.Zero : UsualOverlap;
        if (key!.Rotate(overlap, now, out var shown) is { IsRefused: true } refused)
            return refused.ToProblem();
        await db.SaveChangesAsync(ct);
        var view = KeyView.Of(key, path!, now);
        await db.RecordAsync(http.Caller(), now, "key.rotated", $"key {id}", path, after: view, ct: ct);
        return TypedResults.Ok(new ShownKey(view, shown));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Revoke(
        HttpContext http, Guid id, OrganisationDb db, ScopeGuard guard, TimeProvider clock, CancellationToken ct)
    {
        var (key, path, refusal) = await ManagedAsync(http, id, db, guard, ct);
        if (refusal is not null)
            return refusal;

        var now = clock.GetUtcNow();
        if (key!.Revoke(now) is { IsRefused: true } refused)
            return refused.ToProblem();
        Outbox.Add(db, new ApiKeyRevoked(id, now));
        await db.SaveChangesAsync(ct);
        await db.RecordAsync(http.Caller(), now, "key.revoked", $"key {id}", path, ct: ct);
        return TypedResults.NoContent();
    }

    /// <summary>The key, locked so that two rotations take turns, when the caller may manage it.</summary>
    private static async Task<(ApiKey? Key, string? Path, ProblemHttpResult? Refusal)> ManagedAsync(
        HttpContext http, Guid id, OrganisationDb db, ScopeGuard guard, CancellationToken ct)
    {
        var key = await db.Keys.FromSql($"select * from api_key where id = {id} for update").SingleOrDefaultAsync(ct);
        var path = key is null ? null : await db.Units.Where(unit => unit.Id == key.UnitId).Select(unit => unit.Path).SingleAsync(ct);
        return (key, path, await guard.RefusalAsync(http.Caller(), Permissions.ManageKeys, path is null ? null : [path], $"key {id}", "unknown-key", ct));
    }
}
