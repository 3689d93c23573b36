using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using ServiceQuality.Access;
using ServiceQuality.Messaging;
using ServiceQuality.Organisation.Accounts;
using ServiceQuality.Organisation.Calendars;
using ServiceQuality.Organisation.Founding;
using ServiceQuality.Organisation.Keys;
using ServiceQuality.Organisation.Requests;
using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation.Data;

/// <summary>The tables of the service; <c>sql/</c> creates them, a test compares the two.</summary>
internal sealed class OrganisationDb(DbContextOptions<OrganisationDb> options) : DbContext(options)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public DbSet<Foundation> Foundations => Set<Foundation>();
    public DbSet<OrgUnit> Units => Set<OrgUnit>();
    public DbSet<Account> Accounts => Set<Account>();
    public DbSet<RoleGrant> Grants => Set<RoleGrant>();
    public DbSet<ApiKey> Keys => Set<ApiKey>();
    public DbSet<AnsweredRequest> AnsweredRequests => Set<AnsweredRequest>();

    /// <summary>Takes turns with everyone who locks the same name, until the transaction ends.</summary>
    public Task LockAsync(string name, CancellationToken ct) =>
        Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"organisation:" + name}, 0))", ct);

    /// <summary>Appends the audit record of what the current transaction does. Comes last: the head of the trail stays locked until the commit.</summary>
    public Task RecordAsync(string who, DateTimeOffset at, string action, string subject, string? unitPath = null, object? before = null, object? after = null, CancellationToken ct = default) =>
        AuditTrail.AppendAsync(this, new AuditEntry(at, who, action, subject, unitPath, before, after, Activity.Current?.TraceId.ToHexString()), ct);

    /// <summary>As <see cref="RecordAsync(string, DateTimeOffset, string, string, string?, object?, object?, CancellationToken)"/>, for what a caller does.</summary>
    public Task RecordAsync(Caller who, DateTimeOffset at, string action, string subject, string? unitPath = null, object? before = null, object? after = null, CancellationToken ct = default) =>
        RecordAsync($"{who.Name} ({who.Subject})", at, action, subject, unitPath, before, after, ct);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Foundation>(foundation => foundation.ToTable("foundation").HasKey(it => it.One));

        modelBuilder.Entity<OrgUnit>(unit =>
        {
            unit.ToTable("unit");
            unit.Property(it => it.Id).ValueGeneratedNever();
            unit.Property(it => it.Path).UseCollation("C");
            unit.Property(it => it.State).HasConversion(state => state.Word(), word => UnitStates.Of(word));
            unit.Property(it => it.Calendar).HasColumnType("jsonb").HasConversion(
                calendar => JsonSerializer.Serialize(calendar, Json), text => JsonSerializer.Deserialize<OpeningCalendar>(text, Json),
                new ValueComparer<OpeningCalendar?>((one, other) => Text(one) == Text(other), calendar => Text(calendar).GetHashCode(StringComparison.Ordinal)));
            unit.Property(it => it.Version).IsConcurrencyToken();
            unit.Ignore(it => it.Name);
            unit.HasOne<OrgUnit>().WithMany().HasForeignKey(it => it.ParentId).OnDelete(DeleteBehavior.Restrict);
        });

        modelBuilder.Entity<Account>(account =>
        {
            account.ToTable("account");
            account.Property(it => it.Id).ValueGeneratedNever();
            account.Property(it => it.ConcurrencyStamp).IsConcurrencyToken();
            account.Property(it => it.UserName).IsRequired();
            account.Property(it => it.NormalizedUserName).IsRequired();
            account.Property(it => it.SecurityStamp).IsRequired();
            account.HasMany(it => it.Grants).WithOne().HasForeignKey(grant => grant.AccountId);
            // A name and a password are all that is known of a person here.
            account.Ignore(it => it.Email).Ignore(it => it.NormalizedEmail).Ignore(it => it.EmailConfirmed)
                .Ignore(it => it.PhoneNumber).Ignore(it => it.PhoneNumberConfirmed).Ignore(it => it.TwoFactorEnabled);
        });
        modelBuilder.Entity<RoleGrant>(grant =>
        {
            grant.ToTable("role_grant");
            grant.Property(it => it.Id).ValueGeneratedNever();
            grant.Property(it => it.From).HasColumnName("valid_from");
            grant.Property(it => it.To).HasColumnName("valid_to");
        });
        modelBuilder.Entity<ApiKey>(key =>
        {
            key.ToTable("api_key");
            key.Property(it => it.Id).ValueGeneratedNever();
        });
        modelBuilder.Entity<AnsweredRequest>(request => request.ToTable("answered_request").HasKey(it => it.Key));

        modelBuilder.AddMessaging();

        foreach (var property in modelBuilder.Model.GetEntityTypes().Where(type => type.ClrType.Assembly == typeof(OrganisationDb).Assembly).SelectMany(type => type.GetProperties()))
            if (property.FindAnnotation("Relational:ColumnName") is null)
                property.SetColumnName(SnakeCase(property.Name));
    }

    private static string Text(OpeningCalendar? calendar) => JsonSerializer.Serialize(calendar, Json);

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((letter, index) => char.IsUpper(letter) ? $"{(index > 0 ? "_" : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));
}
