"""What columns are measured against: the eight hardest programmes, written for other tools."""

EIGHT = (
    "jc-xsg", "jc-zjtx-city", "jc-zjtx-prov", "jc-zjtx-giant-prov", "jc-zjtx-giant-nat",
    "jc-share", "jc-proj-in", "jc-base-city",
)  # fmt: skip
QINSHUI, YANGCHENG = "140521", "140522"
# 万元 of the city or the province, and what Yangcheng adds, where both are plain.
PLAIN = {
    "jc-zjtx-city": (5, 5),
    "jc-zjtx-prov": (20, 10),
    "jc-zjtx-giant-prov": (10, 30),
    "jc-zjtx-giant-nat": (20, 50),
}
