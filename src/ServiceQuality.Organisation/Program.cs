using ServiceQuality;
using ServiceQuality.Messaging;
using ServiceQuality.Organisation;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("organisation");
builder.AddOrganisation();
builder.AddBus("organisation");

var app = builder.Build();
app.UseServiceDefaults();
app.MapOrganisation();
await app.RunServiceAsync(args);
