using ServiceQuality;
using ServiceQuality.Gateway;
using ServiceQuality.Messaging;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("gateway");
builder.AddGateway();
builder.AddBus("gateway");
var app = builder.Build();
app.UseServiceDefaults();
app.MapGateway();
await app.RunServiceAsync(args);
