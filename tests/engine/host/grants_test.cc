// Grants: nothing by default, directory rights, transfers, and that every decision is observable.
#include "engine/host/grants.h"

#include <vector>

#include <gtest/gtest.h>

namespace bls::host {
namespace {

TEST(Grants, NothingIsAllowedUntilGranted) {
  Grants grants;
  for (u8 c = 0; c < kCapabilityCount; ++c) {
    Capability capability = static_cast<Capability>(c);
    bool harmless = capability == Capability::None || capability == Capability::Exit;
    EXPECT_EQ(grants.permit(capability, "test"), harmless) << capabilityName(capability);
  }
  EXPECT_FALSE(grants.permit(nullptr, Access::Read, "test"));
  grants.allow(Capability::Listen);
  EXPECT_TRUE(grants.permit(Capability::Listen, "test"));
  EXPECT_FALSE(grants.permit(Capability::Network, "test"));
}

TEST(Grants, RightsBelongToTheDirectory) {
  Grants grants;
  const DirGrant* ro = grants.addDirectory("/ro", true, false);
  const DirGrant* rw = grants.addDirectory("/rw", true, true);
  const DirGrant* wo = grants.addDirectory("/wo", false, true);
  EXPECT_TRUE(grants.permit(ro, Access::Read, "t"));
  EXPECT_FALSE(grants.permit(ro, Access::Write, "t"));
  EXPECT_TRUE(grants.permit(rw, Access::Write, "t"));
  EXPECT_FALSE(grants.permit(wo, Access::Read, "t"));
  EXPECT_EQ(ro->guestName, "/ro");
  EXPECT_NE(ro->id, rw->id);
}

TEST(Grants, TransfersNeedEqualRightsAndWriting) {
  Grants grants;
  const DirGrant* ro = grants.addDirectory("/ro", true, false);
  const DirGrant* rw = grants.addDirectory("/rw", true, true);
  const DirGrant* rw2 = grants.addDirectory("/rw2", true, true);
  const DirGrant* wo = grants.addDirectory("/wo", false, true);
  EXPECT_TRUE(grants.permitTransfer(rw, rw, "t"));
  EXPECT_TRUE(grants.permitTransfer(rw, rw2, "t"));
  EXPECT_FALSE(grants.permitTransfer(ro, ro, "t"));
  EXPECT_FALSE(grants.permitTransfer(ro, rw, "t"));
  EXPECT_FALSE(grants.permitTransfer(rw, ro, "t"));
  EXPECT_FALSE(grants.permitTransfer(wo, rw, "t"));
  EXPECT_FALSE(grants.permitTransfer(rw, wo, "t"));
}

TEST(Grants, EveryDecisionIsAudited) {
  std::vector<AuditEvent> events;
  Grants grants;
  grants.setAudit(
      [](void* user, const AuditEvent& e) {
        static_cast<std::vector<AuditEvent>*>(user)->push_back(e);
      },
      &events);
  const DirGrant* ro = grants.addDirectory("/ro", true, false);
  grants.permit(ro, Access::Write, "path_open");
  grants.permit(ro, Access::Read, "path_open");
  grants.permit(Capability::Network, "connect");
  ASSERT_EQ(events.size(), 3u);
  EXPECT_FALSE(events[0].allowed);
  EXPECT_EQ(events[0].capability, Capability::FileWrite);
  EXPECT_EQ(events[0].directory, ro);
  EXPECT_STREQ(events[0].operation, "path_open");
  EXPECT_TRUE(events[1].allowed);
  EXPECT_FALSE(events[2].allowed);
  EXPECT_EQ(events[2].directory, nullptr);
}

}  // namespace
}  // namespace bls::host
